from __future__ import annotations

import unittest
from importlib.metadata import version

import model


class Model(unittest.TestCase):
    def test_the_device_is_the_one_that_is_installed(self):
        self.assertEqual(version("tensors"), f"1.0+{model.device()}")
