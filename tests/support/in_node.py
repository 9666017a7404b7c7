"""JavaScript run by Node.js, in one process for all calls."""

import json
import subprocess
from typing import Any

LOOP = """
const lines = require('readline').createInterface({input: process.stdin});
const words = (_, x) => typeof x === 'number' && !Number.isFinite(x) ? String(x) : x;
lines.on('line', (line) => {
  let answer;
  try {
    const [body, given] = JSON.parse(line);
    answer = {value: new Function('given', body)(given)};
  } catch (error) {
    answer = {error: String(error)};
  }
  console.log(JSON.stringify(answer, words));
});
"""
NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": -float("inf")}


class Node:
    """A running Node.js; call it with the body of a function of ``given``, and what is given."""

    def __init__(self):
        self.process: Any = subprocess.Popen(
            ["node", "-e", LOOP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, body, given=None):
        self.process.stdin.write(json.dumps([body, given]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return numbers(answer["value"])

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def numbers(value):
    """Return what was sent, with the numbers that JSON has no word for."""
    if isinstance(value, dict):
        return {name: numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [numbers(each) for each in value]
    return NOT_FINITE.get(value, value) if isinstance(value, str) else value
