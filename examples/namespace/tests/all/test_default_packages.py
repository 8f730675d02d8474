from __future__ import annotations

import importlib.util
import unittest


class DefaultPackages(unittest.TestCase):
    def test_what_the_default_packages_need_is_here(self):
        self.assertIsNotNone(importlib.util.find_spec("shop.orders"))
        self.assertIsNotNone(importlib.util.find_spec("shop.core"))

    def test_what_they_do_not_need_is_not(self):
        self.assertIsNone(importlib.util.find_spec("shop.cart"))
