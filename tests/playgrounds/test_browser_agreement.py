"""In Chromium, too, the generated JavaScript walks where NumPy walks."""

import pytest

from tests.support.js_agreement import EVERY, LADDERED, assert_agreement

pytestmark = pytest.mark.browser

RUN = "([body, given]) => new Function('given', body)(given)"


@pytest.fixture(scope="module")
def browser(chromium):
    page = chromium.new_page()
    yield lambda body, given: page.evaluate(RUN, [body, given])
    page.close()


@LADDERED
@EVERY
def test_two_hundred_steps_are_those_of_numpy(browser, optimizer, landscape):
    assert_agreement(browser, optimizer, landscape)
