"""The same queue for Label Studio: tasks to import, and how its page is to look."""

from collections.abc import Mapping, Sequence
from typing import Any

from radsieve.curation.review.pictures import Shown

# `answer` and `reason` are the names under which `review.answers` looks for what an annotator said.
CONFIG = """<View>
  <Header value="$asked"/>
  <Text name="known" value="$known"/>
  <Image name="pictures" valueList="$images" zoomControl="true" brightnessControl="true" contrastControl="true"/>
  <Choices name="answer" toName="pictures" value="$answers" choice="single" required="true"/>
  <TextArea name="reason" toName="pictures" placeholder="Reason" maxSubmissions="1"/>
</View>
"""


def tasks(cases: Sequence[Mapping[str, Any]], pictures: Mapping[str, Shown]) -> list[dict[str, Any]]:
    """Return the tasks of `cases` (of `review.page.page_cases`), for import into a project with the labels CONFIG."""
    return [
        {
            "data": {
                "case": case["case"],
                "question": case["question"],
                "picture": case["pictures"][0],
                "other": "".join(case["pictures"][1:]),
                "asked": asked(case),
                "known": case.get("grades", ""),
                "images": [pictures[name].uri for name in case["pictures"]],
                "answers": [{"value": answer} for answer in case["answers"]],
            }
        }
        for case in cases
    ]


def asked(case: Mapping[str, Any]) -> str:
    """Return the question of a case in words."""
    if case["question"] == "same":
        return "Are both images copies of one picture?"
    if len(case["pictures"]) > 1:
        return "Which grade do both images have, or are they different pictures?"
    return "Which grade does the image have?"
