"""Where JupyterLab finds the kernel of the lessons: it is the Python that serves them."""

from __future__ import annotations

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager


class KernelSpecs(KernelSpecManager):
    """All that the user has installed, but ``python3`` is the interpreter that runs JupyterLab.

    A kernel of that name in the user's own folder, which another Python left there, has no adamedu.

    Examples
    --------
    >>> import sys
    >>> KernelSpecs().get_kernel_spec("python3").argv[0] == sys.executable
    True
    """

    def find_kernel_specs(self) -> dict[str, str]:
        """Return the folder of each kernel by its name."""
        return super().find_kernel_specs() | {NATIVE_KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return how a kernel is started."""
        if kernel_name == NATIVE_KERNEL_NAME:
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())
        return super().get_kernel_spec(kernel_name)
