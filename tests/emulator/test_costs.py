"""docs/operations.md, "What it costs": the arithmetic comes to what it says, and counts what the template makes."""

import re
import unittest

from events import ROOT
from test_template import RESOURCES

PAGE = (ROOT / "docs" / "operations.md").read_text().split("## What it costs")[1].split("\n## ")[0]
MILLION = 1_000_000


def rows(head):
    """The rows of the table that begins so."""
    table = PAGE.split(f"| {head} |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip(" *") for cell in line[1:-1].split("|")] for line in table]


def worked_out(arithmetic):
    plain = re.sub(r"\b(s|GB)\b|,", "", arithmetic).replace("×", "*")
    if not re.fullmatch(r"[\d.*/+() ]+", plain):
        raise ValueError(arithmetic)
    return eval(plain)    # digits and operators


class Costs(unittest.TestCase):
    def setUp(self):
        *self.parts, (_, _, together) = rows("per million assumptions")
        self.together = float(together)
        (self.always,) = map(float, re.findall(r"\*\*About ([\d.]+) USD a month", PAGE))
        (self.without,) = map(float, re.findall(r"Without reconciliation it is ([\d.]+)\.", PAGE))

    def test_each_row_comes_to_what_it_says(self):
        for name, arithmetic, usd in self.parts:
            self.assertAlmostEqual(float(usd), worked_out(arithmetic), delta=0.006, msg=name)
        self.assertAlmostEqual(self.together, sum(float(it[2]) for it in self.parts), places=2)
        self.assertAlmostEqual(self.without, sum(float(it[2]) for it in self.parts if "reconcile" not in it[0]), places=2)

    def test_so_does_each_month(self):
        months = rows("a month")
        self.assertEqual(4, len(months))
        for name, usd, whole in months:
            count = int(re.match(r"[\d,]+", name)[0].replace(",", ""))
            price = self.without if "without reconciliation" in name else self.together
            self.assertAlmostEqual(float(usd), count / MILLION * price, delta=0.006, msg=name)
            self.assertAlmostEqual(float(whole), float(usd) + self.always, places=2, msg=name)

    def test_alarms_are_counted(self):
        alarms = [it.get("Condition") for it in RESOURCES.values() if it["Type"] == "AWS::CloudWatch::Alarm"]
        # A webhook is named, the topic is made here and reconciliation is on, unless somebody says otherwise.
        usual = {None, "Reconciled", "HasSlack", "ToldHere"}
        for condition, said in ((None, r"always there\*\*: (\d+) alarms"), ("HasRelay", r"once for both: (\w+) alarms"),
                                ("HasActions", r"\| (\w+) alarms \(0.20\)")):
            count = sum(it in (usual if condition is None else {condition}) for it in alarms)
            (word,) = re.findall(said, PAGE)
            self.assertEqual(str(count), {"two": "2", "five": "5"}.get(word, word), condition)


if __name__ == "__main__":
    unittest.main()
