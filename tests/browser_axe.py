"""What axe finds wrong with a page for people who do not use a mouse or do not see it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.source import PACKAGE

AXE = PACKAGE / "static" / "vendor" / "axe" / "axe.min.js"
# The calendar library nests its own roles so; every calendar has an equivalent table beside it.
FROM_THE_LIBRARY = "aria-required-children"
# preload would put imported sheets into the page as its own style, which the policy refuses.
RUN = f"""async () => {{
  const all = await axe.run(document,
    {{preload: false, rules: {{"{FROM_THE_LIBRARY}": {{enabled: false}}}}}});
  const rest = await axe.run({{include: ["body"], exclude: [".ec"]}},
    {{preload: false, runOnly: {{type: "rule", values: ["{FROM_THE_LIBRARY}"]}}}});
  return [...all.violations, ...rest.violations];
}}"""


def violations(page: Page) -> list[str]:
    """One line for each element that breaks a rule: rule, element, what to do."""
    page.evaluate(AXE.read_text(encoding="utf-8"))  # the page's policy refuses a script tag
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]
