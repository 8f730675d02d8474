from __future__ import annotations

import unittest

import pages


class HomeTest(unittest.TestCase):
    def test_address(self):
        self.assertEqual(pages.HOME, "home-page")
