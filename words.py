#!/usr/bin/env python3
"""Put the field's own words in place of the project's private ones, everywhere in the tree.

    python3 /work/scratch/words.py [--dry-run] [--no-format]      from the top of a checkout

Files are renamed with `git mv`. Nothing is keyed on a full path: rules know words, identifiers and file names only,
so that the script can be run on any later state of the tree, whatever modules were moved to. It is run once on a tree
of the old words; it prints collisions (two old names that become one in a scope) and what is left of the old words.
Python is rewritten token by token (names, strings, comments); in other files names and prose.
"""

import argparse
import ast
import io
import json
import re
import shutil
import subprocess
import sys
import tokenize
from collections import defaultdict
from pathlib import Path

# ---------------------------------------------------------------------------------------------------------------------
# 1. Names. EXACT: whole identifiers, wherever they stand (code, strings, paths, YAML, prose).
# ---------------------------------------------------------------------------------------------------------------------
STAGES = {
    "draw_phantoms": "generate_phantoms",
    "draw_chests": "generate_chests",
    "draw_lesions": "generate_lesions",
    "pack_films": "pack_images",
    "classify_sex": "train_sex",
    "alter_films": "alter_images",
    "generate_films": "generate_images",
    "classify_images": "predict_images",
    "classify_symmetry": "train_symmetry",
    "draw_images": "generate_samples",
    "score_drawn": "score_samples",
    "draw_turing_test": "make_turing_test",
}
EXACT = {
    **STAGES,
    # what draws: `sample` at random, `render` an anatomy, `generate` by a network, `plot` a figure
    "draw_latents": "sample_latents",
    "draw_film": "render_knee",
    "draw_chest": "render_chest",
    "draw_lesion": "render_lesion",
    "draw_person": "sample_person",
    "draw_joint_space": "sample_joint_space",
    "draw_object_contents": "render_object_contents",
    "draw_seconds": "generate_seconds",
    "draw_hashes": "random_hashes",
    "draw_masks": "random_masks",
    "draw_part": "make_piece",
    "join_parts": "join_pieces",
    "draw_split": "make_split",
    "plain_drawing": "plain_sampling",
    "saving_drawing": "saving_generation",
    "DRAWING": "GENERATION",
    "_DRAWING": "_GENERATION",
    "drawn_from": "plotted_from",
    "drawn_films": "generated_images",
    "DrawnFilms": "GeneratedImages",
    "write_drawn": "write_generated_images",
    "Drawer": "NetworkGenerator",
    "classify_films": "predict_set",
    "_MOST_DRAWN": "_MAX_SAMPLED",
    "masks_drawn": "masks_drawn",  # a quantity of the published tables
    "films_labelled": "films_labelled",  # likewise
    "films_per_sex": "films_per_sex",  # likewise
    # expected and observed
    "promise": "expected_observed",
    "draw_promise": "plot_expected_observed",
    "CHECKED_PROMISE": "EXPECTED_OBSERVED",
    "hold_to_promise": "compare_with_expected",
    "promise_metrics": "expected_observed_metrics",
    "promise_table": "expected_observed_table",
    "promised": "expected",
    "promised_lower": "expected_lower",
    "promised_upper": "expected_upper",
    "_promised": "_expected_row",
    "PROMISED": "EXPECTED",
    "_PROMISED": "_EXPECTED",
    "_promise": "_as_expected",
    "PROMISE": "OBSERVED",
    "_PROMISE": "_EXPECTED_MEASURES",
    "saving_promised": "saving_expected",
    "saving_measured": "saving_observed",
    "promises_kept": "within_expected",
    "promises": "expectations",
    "groups_below_promise": "groups_below_expected",
    "promising_sieves": "example_sieves",
    "came_lower": "observed_lower",
    "came_upper": "observed_upper",
    "_CAME": "_OBSERVED",
    "came_in": "received",
    "_came_in": "_received",
    "CHECKED_FILMS": "CHECKED_IMAGES",
    # methods
    "Way": "Method",
    "SegmenterWay": "SegmenterMethod",
    "GeneratorWay": "GeneratorMethod",
    "SIEVING_WAYS": "SIEVING_METHODS",
    "WAYS": "METHODS",
    "_ways": "_methods",
    "draw_ways": "plot_methods",
    "ways_table": "methods_table",
    "by_way": "by_method",
    "of_way": "of_method",
    "source_way": "source_method",
    "best_way": "best_method",
    "network_ways": "network_methods",
    # evaluate
    "Judge": "Evaluate",
    "GanJudge": "GanEvaluator",
    "Judging": "EvaluationSettings",
    "Judgement": "Evaluation",
    "judging": "evaluation",
    "judgement": "evaluation",
    "JUDGED": "EVALUATED",
    "_JUDGED": "_EVALUATED",
    "_JUDGES": "_EVALUATORS",
    "_judged": "_evaluated",
    "judge_name": "evaluator",
    "judgement_metrics": "evaluation_metrics",
    "classifier_judgement": "classifier_evaluation",
    "symmetry_judgement": "symmetry_evaluation",
    "gan_judgement": "gan_evaluation",
    "least_seconds": "min_seconds",
    # minimum and maximum
    "LEAST": "MINIMUM",
    "_LEAST": "_MINIMUM",
    "_MOST": "_MAXIMUM",
    "_most": "_maximum",
    "MOST_DEVIATIONS": "MAX_DEVIATIONS",
    "_MOST_ROUNDS": "_MAX_ROUNDS",
    "_MOST_COMPARED": "_MAX_COMPARED",
    "_LEAST_ON_CURVE": "_MIN_ON_CURVE",
    "most_precise": "most_precise",
    # splits
    "PARTS": "SPLITS",
    "_PER_PART": "_PER_SPLIT",
    "of_part": "of_split",
    "published_parts": "published_splits",
    # grids of images
    "film_sheet": "image_grid",
    "sheet": "grid",
    "Sheet": "ImageGrid",
    # image types that would collide with PIL's Image
    "to_film": "to_image",
    # other private words
    "Pictures": "LabelledSet",
    "real_pictures": "real_set",
    "attributes_of_pictures": "attributes_of_images",
}
KEEP_NAMES = {"draw_without_rendering", "at_least", "most_common", "nargs", "_most_precise", "as_drawn"}
KEEP_NAMES -= {"as_drawn"}

# Words inside compound identifiers (snake_case, CamelCase, CAPS), longest first.
COMPOUND = [
    (("held", "back"), ("held", "out")),
    (("films",), ("images",)),
    (("film",), ("image",)),
    (("sheets",), ("grids",)),
    (("sheet",), ("grid",)),
    (("judgement",), ("evaluation",)),
    (("judged",), ("evaluated",)),
    (("judges",), ("evaluators",)),
    (("judging",), ("evaluation",)),
    (("judge",), ("evaluate",)),
    (("drawn",), ("generated",)),
    (("least",), ("min",)),
    (("promised",), ("expected",)),
]
# Plain words that are names by themselves (a variable, a key, a column, a file's stem): changed everywhere.
SINGLE = {
    "film": "image",
    "films": "images",
    "Film": "Image",
    "Films": "Images",
    "FILM": "IMAGE",
    "FILMS": "IMAGES",
    "sheets": "grids",
    "held_back": "held_out",
}
# Single words that are names in code only (in prose they have rules of their own).
CODE_NAMES = {
    "way": "method",
    "ways": "methods",
    "judged": "evaluated",
    "judges": "evaluators",
    "came": "observed",
    "drawing": "generation",
    "drawn": "generated",
    "draws": "draws",
    "Draw": "Generate",
    "DRAWN": "GENERATED",
    "_DRAWN": "_GENERATED",
    "_drawn": "_generated",
    "least": "minimum",
    "most": "maximum",
    "_draw": "_generate",
}
# File names (stems) that differ from what the words in them would give.
STEMS = {
    "drawn": "generated",
    "ways": "methods",
    "promise": "expected_observed",
    "sheet": "grids",  # the module plots/sheet.py
    "drawn_films": "generated_cache",
    "film_packing": "image_packing",
    "held_back": "held_out",
}
DATA_FILES = {"sheet": "grid", "promise": "expected_observed", "ways": "methods", "films": "images"}
MODULES = {"sheet": "grids", "drawn_films": "generated_cache"}  # in `radsieve.x.sheet`, `import drawn_films`

# Paths, options of the command line, and other texts that are replaced as they stand, before anything else.
PATHS = [
    (r"\b(sieve|twin)\.draw\(", r"\1.sample("),
    (r"\bdata/films\b", "data/packed"),
    (r"\bdata/drawn\b", "data/samples"),
    (r"(?<![\w-])--drawn\b", "--samples"),
    (r"\bargs\.drawn\b", "args.samples"),
    (r'"drawn": ("folder)', r'"samples": \1'),
    (r"\bdefault_folder\(\) / \"drawn\"", 'default_folder() / "samples"'),
    (r"\bpart=(train|validation|test)\b", r"split=\1"),
    (r"\bcard\[\"promise\"\]", 'card["expected"]'),
    (r"(?<=\.)sheet(?= import)", "grids"),
    (r"(?<=\.)drawn_films(?= import)", "generated_cache"),
    (r"docs/drawn\.png", "docs/generated.png"),
    (r"\(drawn\.png\)", "(generated.png)"),
    (r"(?<![\w/])promise\.(csv|png)\b", r"expected_observed.\1"),
    (r"(?<![\w])ways\.(csv|png)\b", r"methods.\1"),
    (r"<dt>Kept</dt>(?=<dd>What came)", "<dt>As expected</dt>"),
    (r"<em>Kept</em>(?=: the loss)", "<em>Preserved</em>"),
    (r'"kept": "good", "not kept": "bad", "not shown"', '"as expected": "good", "not as expected": "bad", "preserved": "good", "not shown"'),
    (r'"kept": "good", "not kept": "bad"', '"as expected": "good", "not as expected": "bad"'),
]

# ---------------------------------------------------------------------------------------------------------------------
# 2. Rules for Python sources: regular expressions on the raw text (what they put in is left alone afterwards).
#    (pattern, replacement[, pattern that the file must have])
# ---------------------------------------------------------------------------------------------------------------------
CODE = [
    (r"\b(data|canvas)\.draw\(", r"\1.draw("),  # of hypothesis and of matplotlib
    # strings that are seeds of random numbers stay: another text would give other latents
    (r'settings\["seed"\], "judged"\)', 'settings["seed"], "judged")'),
    (r"\b(tables|screening_tables)\.FILMS\b", r"\1.PACKED_IMAGES"),
    (r"\bFILMS\b", "PACKED_IMAGES", r"(?m)import (?:\([^)]*?\bFILMS\b|[^\n(]*\bFILMS\b)|^FILMS = schema\("),
    (r"`drawn`(?= is how many| counts the latents)", "`sampled`"),
    # classes of one name that mean different things get different ones
    (r"\bJudged\b", "GanEvaluation", r"GanJudge|gan_judgement|nearest: pd\.DataFrame"),
    (r"\bJudged\b", "CrossValidated"),
    (r"\bDrawn\b(?! |\()(?=[\]\",.)]| \||$)", "LabelledImages_", r"label_drawn|choose_pools"),
    (r"\bclass Drawn:", "class GeneratedSet:", r"label_drawn|choose_pools"),
    (r"-> Drawn:", "-> GeneratedSet:", r"label_drawn|choose_pools"),
    (r"\bdrawn: Drawn\b", "generated: GeneratedSet", r"label_drawn|choose_pools"),
    (r"\breturn Drawn\(", "return GeneratedSet(", r"label_drawn|choose_pools"),
    (r"\bDrawn(?=\()", "GeneratedSet(", r"label_drawn|choose_pools"),
    (r"\bDrawn\b(?! (films|chest|skin|lesion))", "AcceptedBlock", r"sieve"),
    (r"\bFilm\b(?! of)(?= \||\]|\(|:|\)|,|$)", "PhantomImage", r"joint_space_mm|phantom_set"),
    (r"\bFilm\b(?= \||\]|\(|:|\)|,|$)", "LoadedImage", r"film_folders|read_films|to_film"),
    # what draws
    (r"\bsheet\.draw\(", "grid.plot("),
    (r"\b(twin|sieve|loaded|Sieve|sieve\([^()\n]*\))\.draw\(", r"\1.sample("),
    (r"\bdef draw\(self, title", "def plot(self, title"),
    (r"\bdef draw\(self, count", "def sample(self, count"),
    (r"\bdef draw\(group: str, rows: int, seed", "def sample(group: str, rows: int, seed"),
    (r"\bself\._drawn\b", "self._sampled_block", r"class Sieve\b"),
    (r"\bdef _drawn\(self", "def _sampled_block(self", r"class Sieve\b"),
    (r"\b_drawn\(table\.valid", "_at_random(table.valid"),
    (r"\bdef _drawn\(valid", "def _at_random(valid"),
    (r'"drawn": _drawn\(inputs\)', '"phantoms": _phantoms(inputs)'),
    (r"\bdef _drawn\(inputs", "def _phantoms(inputs"),
    (r"\bself\._judge\b", "self._score", r"discriminator"),
    (r"\bdef _judge\(self, levels", "def _score(self, levels"),
    (r"\b_discriminator\.judge\(", "_discriminator.score("),
    (r"\bself\.judge\(self\.levels", "self.score(self.levels"),
    (r"\bdef judge\(self, levels", "def score(self, levels"),
    (r"\bjudges\.requires_grad_", "heads.requires_grad_"),
    (r"(?<=discriminator\.)judges\b", "heads"),
    (r"\bself\.judges\b", "self.heads"),
    (r"\bfor judge, maps in\b", "for head, maps in"),
    (r"\bjudge\(maps\)", "head(maps)"),
    (r"\b_judge\(-\(-", "_head(-(-"),
    (r"\bdef _judge\(side", "def _head(side"),
    (r"`judges`", "`heads`", r"class ProjectedDiscriminator"),
    (r"\bname: str, judge: Exit\b", "name: str, exit_: Exit"),
    (r"\bjudge\.(unseen|threshold|depth|predictor|multiply_adds|reason)\b", r"exit_.\1"),
    (r"`judge` rejects", "`exit_` rejects"),
    (r'"judge"(?=[,\]\)])', '"classifier"'),
    (r"\bjudge=text\(", "classifier=text("),
    (r'\["judge"\]', '["classifier"]'),
    # moved, tried: what a study came to is no observation of an expectation
    (r"\bcame = (study|move)\(", r"outcome = \1("),
    (r"\bcame\.(arrived|evaluations|latents)\b", r"outcome.\1"),
    (r"\btables_of\(came,", "tables_of(outcome,"),
    (r"\bmoved_films\(came,", "moved_images(outcome,"),
    # expected and observed
    (r"\bpromise=_closed\(", "expected=_closed("),
    (r'"promise": (?!promise_table)', '"expected": '),
    (r"\bpromise = sieve\.card", "expected = sieve.card"),
    (r'\bpromise\["(precision|saving)"\]', r'expected["\1"]'),
    (r"\bpromise = judged\(", "expected = judged("),
    (r"RULE, promise, ", "RULE, expected, "),
    (r'\bpromise = \{"value"', 'expected = {"value"'),
    (r"dict\.fromkeys\(promise\)", "dict.fromkeys(expected)"),
    (r"\bNO_SIEVE else promise\b", "NO_SIEVE else expected"),
    (r'("expected_(?:precision|saving)"): promise\b', r"\1: expected"),
    (r"\bPROMISE\b", "EXPECTED", r"def make_sieve|promising_sieves"),
    (r'\bkept=promise\["kept"\]', 'within=promise["within"]'),
    (r'\{"promise": \{', '{"expected": {'),
    (r"\bkept=number\(pa\.Check\.isin\(\[0, 1\]\), nullable=True\)", "within=number(pa.Check.isin([0, 1]), nullable=True)"),
    (r'\b(promise|of_all|row|held|found|table|of_the_arm|CHECKED|rows)\["kept"\] == 0', r'\1["within"] == 0'),
    (r'(\bpromise(?:\[[^\n]*?)?)\["kept"\]', r'\1["within"]', r"promise"),
    (r'\bof_all\["kept"\]', 'of_all["within"]'),
    (r'\bkept=promise\["within"\]', 'within=promise["within"]'),
    (r'KEPT = \{1\.0: "kept", 0\.0: "not kept"\}', 'WITHIN = {1.0: "as expected", 0.0: "not as expected"}'),
    (r"\.map\(KEPT\)", ".map(WITHIN)"),
    (r'\{1: "kept", 0: "not shown"\}', '{1: "preserved", 0: "not shown"}'),
    (r"\bkept: float = nan", "within: float = nan"),
    (r"(?<=\n)(\s+)kept = float\(\{1: enough", r"\1within = float({1: enough"),
    (r"for number in numbers\), kept\b", "for number in numbers), within"),
    # columns of the near duplicates: a picture as it is, or mirrored
    (r"\bfor way in orientations\b", "for orientation in orientations"),
    (r"\bfor way in \(0, 1\)", "for orientation in (0, 1)"),
    (r"\[way for way, chosen in", "[orientation for orientation, chosen in"),
    (r"\bif way else second\), way\)", "if orientation else second), orientation)"),
    (r"\b(a|b): int, way: int\b", r"\1: int, orientation: int"),
    (r"\[(a|b), way\]", r"[\1, orientation]"),
    (r"\[(a|b), \[way\]\]", r"[\1, [orientation]]"),
    (r"\[:, \[?way\]?\]", lambda m: m.group(0).replace("way", "orientation")),
    (r"(?<=[( ])way(?=\))(?=.*)", "orientation", r"orientations"),
    # options of resampling
    (r"\bdrawing = \((?=\w+\[\"bootstrap\"\])", "resampling_options = ("),
    (r"\*drawing\b", "*resampling_options"),
    (r"\*\*study\.drawing\b", "**study.resampling"),
    (r"\bdef drawing\(self\) -> dict", "def resampling(self) -> dict"),
    (r"\bchoosing, drawing\b", "choosing, generating"),
    (r"\bdrawing \+ ", "generating + "),
    (r"\bdrawing: float\b", "generating: float"),
    (r"\bself\.drawing\b", "self.generating"),
    (r"\bone\.drawing\b", "one.generating"),
    (r"\bdrawing = statistics", "generating = statistics"),
    (r"\(drawing \+ choosing", "(generating + choosing"),
    (r"(?<=[:=] )drawing\(", "sampling("),
    (r"\blambda: drawing\(", "lambda: sampling("),
    (r"\bdef drawing\(threads", "def sampling(threads"),
    # a film that is drawn and scored
    (r"\bdrawing = np\.array\(\[one\.way\.drawn", "finished = np.array([one.way.finished"),
    (r"\bflags in drawing\.T\b", "flags in finished.T"),
    (r"\bdrawn, good = int\(way\.drawn", "finished, good = int(way.finished"),
    (r'"films": drawn,', '"images": finished,', r"\bway\.drawn|way\.ZQ"),
    (r"\b(self|way|one\.way)\.drawn\b", r"\1.finished", r"class Way\b|sieving_costs|sieving_study|\bone\.way\b"),
    (r"(?<=\n)    drawn: Flags", "    finished: Flags"),
    (r"`drawn`: whether the", "`finished`: whether the"),
    (r"\bwilson\(good, drawn,", "wilson(good, finished,"),
    (r"\bdrawn / way\.tried", "finished / way.tried"),
    (r"good / drawn if drawn else", "good / finished if finished else"),
    (r"\bchosen\.drawn\b", "chosen.sampled"),
    (r"\bself\.drawn \+= chosen", "self.sampled += chosen"),
    (r"\]\.drawn\b(?=, confidence)", "].sampled"),
    (r"(?<=\n)    drawn: int\b", "    sampled: int"),
    (r"\barm\.drawn\b", "arm.sampled"),
    (r"\bdrawn=(?=\d)", "sampled=", r"Arm\b|Chosen\b"),
    (r"\bseconds\[\"draw\"\]", 'seconds["generate"]'),
    (r"\b_closed\(draw=", "_closed(generate="),
    (r'"draw": settings', '"generate": settings'),
    (r'\{"draw": ', '{"generate": '),
    (r"\bdraw = seconds\b", "generate = seconds"),
    (r'\["drawn"\](?=, \w*metrics\["accepted"\])', '["sampled"]'),
    (r'"drawn": found\["drawn"\]', '"sampled": found["sampled"]'),
    (r'"drawn": 1000, "accepted"', '"sampled": 1000, "accepted"'),
    (r"\bagain = split\($", "again = assign_splits("),
    (r"(?m)\bagain = split\($", "again = assign_splits("),
    (r"\bpromise = (?=sieves\.)", "expected = "),
    (r'"drawn": options\["count"\]', '"sampled": options["count"]'),
    (r'\["drawn"\](?=, *$|,\n)', '["sampled"]', r"sieve_latents|SIEVED"),
    # drawn by hand, or found
    (r"\bFOUND, DRAWN = ", "FOUND, TRUE = "),
    (r"\bDRAWN\b", "TRUE", r"outlines import|FOUND, TRUE|FOUND, ZQ"),
    # what is measured on rows of a table
    (r'"came", "kept"', '"observed", "within"'),
    (r'"drawing"(?=, total)', '"generating"'),
    (r'\bDRAWN\b', 'PHANTOMS', r'"draw_chests": \('),
    (r"\bdef split\(", "def assign_splits(", r"def linked"),
    (r"(?<![\w.])split\((?=names|table|$)", "assign_splits(", r"film_splits|def linked"),
    (r"import linked, split\b", "import assign_splits, linked"),
    (r"(?<![\w.])draw_tree\b", "plot_decision_tree"),
    (r"\bdrawn = normal_test", "tested = normal_test"),
    (r'_columns\("delong", drawn\)', '_columns("delong", tested)'),
    (r'"judges\.', '"heads.'),
    (r"\bjudge\b(?=[.)(, ])", "discriminator", r"def test_[\s\S]*ProjectedDiscriminator\("),
    (r"(?m)\bsheets\b(?=[\]:,)\[.(= ]|$)", "plotted", r"import agreement, sheet"),
    (r"\bname in \(\"drawn\"", 'name in ("generated"'),
]
CODE = [rule for rule in CODE if "LabelledImages_" not in str(rule[1])]

# Which meaning a name has in a function: (names, pattern that the function's source must have, new names).
SPLITISH = (
    r"\"part\"|'part'|\bPARTS\b|of_part\b|\bparts? (train|validation|test)\b|\"parts\"\]|\"parts\": parts|published_parts|"
    r"\bby part\b|and parts\b|FITTED|\bfilms\.rows\(|\bpart=text|wanted part|chosen\[unit\]|of a part\b|each part\b|"
    r"parts\) for one in|\(units, parts|shares\)|\bparts_of\(range|\bof the part|\bcounts\['films'\]|labels, parts"
)
NOT_SPLITS = {"split_lungs", "lung_shapes", "_share", "_parts", "shape_descriptors", "write", "twin_parts", "file_parts"}
RESAMPLES = (
    r"\bdrawn = (np\.concatenate|\[_means|\[\n|measures\(|difference\(|_resampled|generator\.|np\.random|np\.stack|normal @|rng\."
    r"|draw\(st)|once, drawn = |drawn: (list\[|Floats|Flags)"
)

# ---------------------------------------------------------------------------------------------------------------------
# 3. Prose: comments, docstrings, messages, pages. Ordered; a space stands for any white space, {} for a name or number.
# ---------------------------------------------------------------------------------------------------------------------
PROSE = [
    # sources
    (r"\(a conjecture of source 002, part 2\)", "(a conjecture of Sinyavsky's term paper, part 2)"),
    (r"the publication \(source 002, section 4\)", "Sinyavsky's term paper (part 2, section 4)"),
    (r"\(source 002, section 4\)", "(Sinyavsky, term paper, part 2, section 4)"),
    (r"the study of generated chest films \(source 002\)", "the study of generated chest radiographs (Sinyavsky, term paper, Belarusian State University)"),
    (r"\(source 002, part (\d)\)", r"(Sinyavsky, term paper, part \1)"),
    (r"those of source 002, part 2", "those of Sinyavsky (term paper, part 2)"),
    (r"the shortcut of source 002", "the shortcut that Sinyavsky's term paper describes"),
    (r"source 002", "Sinyavsky (term paper, Belarusian State University)"),
    (r"\(source 004's {}\)", r"(\1 of github.com/TiunovNN/hse-knee-xray-research)"),
    (r"Source 004's {}:", r"\1 of github.com/TiunovNN/hse-knee-xray-research:"),
    (r"what source 004 counted", "what the published analysis (github.com/TiunovNN/hse-knee-xray-research) counted"),
    (r"source 004", "the published analysis (github.com/TiunovNN/hse-knee-xray-research)"),
    (r"source 000", "github.com/moriohgoose/data_collection_and_markup"),
    # splits
    (r"on part train, choose the (round|epoch) on part validation, measure on part test", r"on the training split, choose the \1 on validation, measure on test"),
    (r"on part train, calibrate it on validation, measure it on test", "on the training split, calibrate it on validation, measure it on test"),
    (r"parts train and validation", "the training and validation splits"),
    (r"parts validation and test", "the validation and test splits"),
    (r"\(unaltered, part (validation|test)\)", r"(unaltered, \1 split)"),
    (r"\(part {quoted}\)", r"(\1 split)"),
    (r"of part validation and of part test each", "of the validation split and of the test split each"),
    (r"(of|on|in|to|from|held to|for) (?:the )?part (validation|test)", r"\1 the \2 split"),
    (r"(of|on|in|to|from) (?:the )?part train", r"\1 the training split"),
    (r"(of|on|in|to|from|for) (?:the )?part {quoted}", r"\1 the \2 split"),
    (r"part train at most", "the training split at most"),
    (r"\(part (test|validation)\)", r"(\1 split)"),
    (r"(?:the )?part (validation|test)", r"the \1 split"),
    (r"part train", "the training split"),
    (r"part {expr}", r"split \1"),
    (r"part {quoted},", r"the \1 split,"),
    (r"(validation|test|training) part", r"\1 set"),
    (r"by part and in all", "by split and in all"),
    (r"Real films by part", "Real images by split"),
    (r"films by part", "images by split"),
    (r"([bB])y label and part", r"\1y label and split"),
    (r"both by part:", "both by split:"),
    (r"by part and at the size", "by split and at the size"),
    (r"by part", "by split"),
    (r"and their parts", "and their splits"),
    (r"(groups|labels) and parts", r"\1 and splits"),
    (r"and its parts", "and its splits"),
    (r"stay in one part", "stay in one split"),
    (r"stays in one part", "stays in one split"),
    (r"in one part", "in one split"),
    (r"(in|into) (two|three|all three) parts", r"\1 \2 splits"),
    (r"for three parts", "for three splits"),
    (r"train, validation and test parts", "train, validation and test splits"),
    (r"share of each part", "share of each split"),
    (r"shares of (the )?parts", "shares of the splits"),
    (r"of either part", "of either split"),
    (r"films of each part", "images of each split"),
    (r"each part, of other patients", "each split, of other patients"),
    (r"patient, label, part;", "patient, label, split;"),
    (r"and the part \(train", "and the split (train"),
    (r"(a|or a|if a) part (has|had|no films|without)", r"\1 split \2"),
    (r"films of one part", "images of one split"),
    (r"another dataset part", "another split"),
    (r"and (label|patient|group)s? and part\b", r"and \1 and split"),
    (r"and part \(columns\)", "and split (columns)"),
    (r"the parts and their shares", "the splits and their shares"),
    (r"true films of a part", "true images of a split"),
    (r"reference films of a part", "reference images of a split"),
    (r"the part of each film", "the split of each image"),
    (r"the part for a unit", "the split for a unit"),
    (r"to the part that still lacks", "to the split that still lacks"),
    (r"fits in no part", "fits in no split"),
    (r"shown of each part", "shown of each split"),
    (r"evenly over the part", "evenly over the split"),
    (r"each part wants", "each split wants"),
    (r"\(parts, labels\)", "(splits, labels)"),
    (r"the rows of the parts", "the rows of the splits"),
    (r"no film of part", "no image of split"),
    # evaluate
    (r"(share of good films|right on) judged right", r"\1 classified correctly"),
    (r"share judged right", "share classified correctly"),
    (r"(that|which) were judged worst", r"\1 were predicted worst"),
    (r"It is a strict judge", "It is a strict evaluator"),
    (r"the judge is a classifier", "the evaluator is a classifier"),
    (r"the milder judge of", "the milder classifier of"),
    (r"Which rows judge", "Which rows evaluate"),
    (r"let each judge judge each augmentation", "let each evaluator assess each augmentation"),
    (r"only judge\.", "only evaluate."),
    (r"(to draw and) judge (a|one) latent", r"to sample and evaluate \2 latent"),
    (r"(all|a|another|these|the|both|each|two|second|first|strict|for all|of two|from the|by each|the) judge(s?)\b", r"\1 evaluator\2"),
    (r"judging counted", "the predictor's time counted"),
    (r"judging latents counted", "the time to evaluate latents counted"),
    (r"with judging", "with evaluation"),
    (r"of judging", "of evaluation"),
    (r"[jJ]udging it: all but free", "evaluating it: all but free"),
    (r"drawing, judging and scoring", "generating, evaluating and scoring"),
    (r"the judging with them", "the evaluation with them"),
    (r"[jJ]udging (latents|it)", lambda m: cased(m.group(0), "evaluating") + " " + m.group(1)),
    (r"[jJ]udging", lambda m: cased(m.group(0), "evaluation")),
    (r"the judgement", "the evaluation"),
    (r"judgements", "evaluations"),
    (r"judgement", "evaluation"),
    (r"[jJ]udged", lambda m: cased(m.group(0), "evaluated")),
    (r"[sS]witch the judges alone", "Switch the heads alone"),
    (r"judges", "evaluates"),
    (r"[jJ]udge", lambda m: cased(m.group(0), "evaluate")),
    # expected and observed
    (r"[wW]as the promise kept", lambda m: cased(m.group(0), "does the sieve do what was expected")),
    (r"sieved and unsieved films drawn afresh", "new images from sieved and unsieved latents"),
    (r"threshold, promise and intended use", "threshold, expected values and intended use"),
    (r"([gG]enerator|[nN]etwork) draws", r"\1 makes"),
    (r"([gG]enerators|[nN]etworks) draw", r"\1 make"),
    (r"drew", "made"),
    (r"held to it\.", "checked against it."),
    (r"whether the promise was kept", "whether they do what is expected of them"),
    (r"(holds?) (the promise) to what came", lambda m: ("compares" if m.group(1) == "holds" else "compare") + " the expected values with the observed ones"),
    (r"hold the saving promised to what comes", "compare the expected saving with the observed one"),
    (r"[hH]old what (the )?{} draws, with the weights that were chosen, to part test, which chose nothing", r"Compare what \2 generates, with the weights that were chosen, with the test split, which chose nothing"),
    (r"What the sieve promised, and what came on films drawn afresh", "What was expected of the sieve, and what was observed on new images"),
    (r"What the sieves promised, and what came", "What was expected of the sieves, and what was observed"),
    (r"What was promised, and what came", "What was expected, and what was observed"),
    (r"What the card of one sieve promised beside what came, on films drawn for the purpose", "What the card of one sieve expects beside what was observed, on images generated for the purpose"),
    (r"What the card of the sieve promises beside what came on fresh films", "What the card of the sieve expects beside what was observed on new images"),
    (r"What the sieve of each group promises beside what came on fresh films", "What is expected of the sieve of each group beside what was observed on new images"),
    (r"the sieve's card promises beside what came", "the sieve's card expects beside what was observed"),
    (r"the card's promises beside what came", "what the cards expect beside what was observed"),
    (r"every promise beside what came", "every expected value beside the observed one"),
    (r"[eE]ach promise of the card with its interval beside what came with its interval", "Each expected value of the card with its interval beside the observed one with its interval"),
    (r"a sieve's card promises, and what came", "a sieve's card expects, and what was observed"),
    (r"what came is worse than promised", "what was observed is worse than expected"),
    (r"What came is not worse than promised", "What was observed is not worse than expected"),
    (r"what came is then held", "what was observed is then held"),
    (r"what was promised stands beside what came", "what was expected stands beside what was observed"),
    (r"what was promised beside what came", "what was expected beside what was observed"),
    (r"what was promised and what came", "what was expected and what was observed"),
    (r"what was promised for all", "what was expected for all"),
    (r"what came on", "what was observed on"),
    (r"what it promises, and what it is not for", "what is expected of it, and what it is not for"),
    (r"what its sieve promised and what came of it", "what was expected of its sieve and what was observed"),
    (r"what a sieve promised, what came on fresh films", "what was expected of a sieve, what was observed on new images"),
    (r"What the sieve's card promises is then held to what came", "What the sieve's card expects is then compared with what was observed"),
    (r"and to what was promised", "and to what was expected"),
    (r"(is|was|were) what came", r"\1 what was observed"),
    (r"is held to what came", "is compared with what was observed"),
    (r"held to its promise and to real films", "compared with what was expected of it and with real images"),
    (r"holds them to its promise and to real films", "compares them with what was expected and with real images"),
    (r"[hH]ow many of the promises for all films were kept, and these", "How many of the expected values for all images were met, and these"),
    (r"{} of {} promises kept", r"\1 of \2 quantities as expected"),
    (r"{} of {} promises of the sieve of {} were kept on", r"\1 of \2 quantities of the sieve of \3 are as expected on"),
    (r"promises of the sieve", "expected values of the sieve"),
    (r"promises not kept", "quantities not as expected"),
    (r"broken promises", "quantities not as expected"),
    (r"[pP]romised and came", lambda m: cased(m.group(0), "expected and observed")),
    (r"promised and came", "expected and observed"),
    (r"(saving|Saving) promised and (measured|observed)", r"\1 expected and observed"),
    (r"promised above, came below", "expected above, observed below"),
    (r"[nN]ot kept in {}", r"Not as expected in \1"),
    (r"Not kept: ", "Not as expected: "),
    (r"keep what they promised in", "do what was expected in"),
    (r"36 promises three were not kept", "36 expected values three were not met"),
    (r"(promised \(|promised) (?={})", lambda m: m.group(0).replace("promised", "expected")),
    (r"came, not as promised", "observed, not as expected"),
    (r"[pP]romised {} {}, came {}", lambda m: cased(m.group(0), "expected") + f" {m.group(1)} {m.group(2)}, observed {m.group(3)}"),
    (r"[pP]romises held to what came", "Expected values compared with observed ones"),
    (r"[pP]romised {}, came", lambda m: m.group(0).replace("Promised", "Expected").replace("promised", "expected").replace("came", "observed")),
    (r"card that promises", "card that expects"),
    (r"that this promises", "that is expected of it"),
    (r"that promises most", "of which most is expected"),
    (r"the shaded depth promised the greatest saving", "of the shaded depth the greatest saving was expected"),
    (r"that promises the shortest search", "with the shortest expected search"),
    (r"with another it promises nothing", "with another nothing is to be expected"),
    (r"what it promises with intervals", "what is expected of it with intervals"),
    (r"what it promises", "what is expected of it"),
    (r"and a card that says what it was learned from and what (it promises|is expected of it)", "and a card that says what it was learned from and what is expected of it"),
    (r"Its promise is a mean over the folds", "What is expected is a mean over the folds"),
    (r"The promise of the sieve of", "What is expected of the sieve of"),
    (r"[Tt]he promise holds for", "The expected values hold for"),
    (r"# The promise: each is", "# The expected values: each is"),
    (r"(as|than) promised", r"\1 expected"),
    (r"is promised of", "is expected of"),
    (r"{expr} promises, and what came", r"\1 expects, and what was observed"),
    (r"difference of promised and came", "difference of expected and observed"),
    (r"is came minus promised", "is observed minus expected"),
    (r"what\ncame", "what was observed"),
    (r"fewer good films than promised", "fewer good images than expected"),
    (r"promised for a good film", "expected for a good image"),
    (r"came by the clock", "observed by the clock"),
    (r"came (?=\d+\.\d+ \()", "observed "),
    (r"; came ", "; observed "),
    (r"\| came \|", "| observed |"),
    (r"\| promised \|", "| expected |"),
    (r"the promise is kept", "it is as expected"),
    (r"keep the promise", "are as expected"),
    (r"promise kept", "as expected"),
    (r"[pP]romised and measured", lambda m: cased(m.group(0), "expected and observed")),
    (r"[pP]romises compared with what came", "Expected values compared with observed ones"),
    (r"[pP]romised", lambda m: cased(m.group(0), "expected")),
    (r"promises", "expected values"),
    (r"promise", "expected value"),
    (r"are to come as", "are to be as"),
    # methods
    (r"([wW])ays to good films", lambda m: cased(m.group(0), "methods of getting good images")),
    (r"way to good films", "method of getting good images"),
    (r"[wW]ays to good films", lambda m: cased(m.group(0), "methods of getting") + " good images"),
    (r"a way to good films", "a method of getting good images"),
    (r"[wW]hat a good film costs each way", "what a good image costs by each method"),
    (r"by what it costs each way", "by what it costs with each method"),
    (r"the other way round", "the other way round~"),
    (r"(in|on|into|out of) (the same|its own|his own|their|its|each other's|this|that|every|the) way(s?)(?! (of|to|that|the))", r"\1 \2 way\3~"),
    (r"by way of", "by way~ of"),
    (r"in each of the ways", "in each of the ways~"),
    (r"either way", "either way~"),
    (r"each in its own way", "each in its own way~"),
    (r"(in|by) some way", r"\1 some way~"),
    (r"out of the way", "out of the way~"),
    (r"into the trap", "into the trap"),
    (r"every way into", "every way~ into"),
    (r"way of NEAR", "way~ of NEAR"),
    (r"one way to read", "one way~ to read"),
    (r"way to see", "way~ to see"),
    (r"the fast way", "the fast way~"),
    (r"pulled the way", "pulled the way~"),
    (r"one way from", "one way~ from"),
    (r"the other way", "the other way~"),
    (r"whichever way they come", "whichever method they come from"),
    (r"the way of training changes", "the method of training changes"),
    (r"no state of an earlier way is gone on with", "no state of an earlier method is continued"),
    (r"each way has all", "each method has all"),
    (r"([wW])ay\b(?!~)", lambda m: "Method" if m.group(1) == "W" else "method"),
    (r"([wW])ays\b(?!~)", lambda m: "Methods" if m.group(1) == "W" else "methods"),
    (r"(ways?)~", r"\1"),
    # held out, held to
    (r"held back towards where it came from", "pulled back towards where it started"),
    (r"holds everything back for half", "delays everything by half"),
    (r"the fold that holds (each row of {} \(n,\)), 0 or 1, back", r"the fold that holds out \1, 0 or 1"),
    (r"holds its patient back", "holds its patient out"),
    (r"holds no other back", "holds no other out"),
    (r"(that|which) held (it|them) back", r"\1 held \2 out"),
    (r"the outer fold held back", "the outer fold held out"),
    (r"each real one held back", "each held-out real image"),
    (r"([Tt])he films held back", r"\1he held-out images"),
    (r"([Ff])ilms held back", lambda m: "Held-out images" if m.group(1) == "F" else "held-out images"),
    (r"real films held back", "held-out real images"),
    (r"rows held back", "held-out rows"),
    (r"patients held back", "held-out patients"),
    (r"held back", "held out"),
    (r"held-back", "held-out"),
    (r"Held-back", "Held-out"),
    (r"({}|is|are|be|were|was) held to (a|the) truth", r"\1 checked against the truth"),
    (r"held to (a|the) truth", "checked against the truth"),
    (r"[hH]olds? the project to this", "enforce this"),
    (r"held to permuted labels", "compared with permuted labels"),
    (r"held to real (ones|films)", lambda m: "compared with real " + ("ones" if m.group(1) == "ones" else "images")),
    (r"and then held to the decoded films", "and then verified on the decoded images"),
    (r"(is|are|was|were) held to the same resamples", r"\1 evaluated on the same resamples"),
    (r"held to the same (TPR|tpr)", r"compared at the same \1"),
    (r"has held every film to its own limit already", "has already held every image to its own limit"),
    (r"is held to the limit", "is kept within the limit"),
    (r"held to its schema", "checked against its schema"),
    (r"held to `schema`", "checked against `schema`"),
    (r"[hH]old (params\.yaml|{}|it) to its schema", lambda m: cased(m.group(0), "check") + f" {m.group(1)} against its schema"),
    (r"that hold it to its schema", "that check it against its schema"),
    (r"and hold it to its", "and check it against its"),
    (r"(that|which|what) the scores are held to", r"\1 the scores are compared with"),
    (r"the scores are held to", "the scores are compared with"),
    (r"What the scores of a film are held to", "What the scores of an image are compared with"),
    (r"[hH]old the results to the truth", "Compare the results with the truth"),
    (r"[hH]olds? the twin to the published tables", "Compare the twin with the published tables"),
    (r"holds it to that", "compares it with that"),
    (r"[hH]old the rows of a batch with the columns {} to what a row must be", r"Check the rows of a batch with the columns \1"),
    (r"[hH]old those of {} \((.{1,8})\) that are {} \((.{1,8})\) to {} random choices", r"Compare those of \1 (\2) that are \3 (\4) with \5 random choices"),
    (r"[hH]old the ROC-AUC of every model to that of", "Compare the ROC-AUC of every model with that of"),
    (r"holds each to {}", r"compares each with \1"),
    (r"[hH]olds films of a generator to the real {} of its group", r"Compares images of a generator with the real \1 of its group"),
    (r"hold the drawn films to the real ones", "compare the generated images with the real ones"),
    (r"hold films of (?:the training split|part train) to them", "compare images of the training split with them"),
    (r"[hH]olds? films? of", "compare images of"),
    (r"holds its films to real ones of", "compares its images with real ones of"),
    (r"the spread of real ones to which", "the spread of real ones with which"),
    (r"held to real films and to what was promised", "compared with real images and with what was expected"),
    (r"(is|are|was|were|be|Its films are|not) held to", r"\1 compared with"),
    (r"(films|ranked|rows|all|twin|range|figures|ones|and|check,|predictions|one,|ranked over all groups,) held to", r"\1 compared with"),
    (r"[hH]eld to", "compared with"),
    # latents and random numbers
    (r"the how many-th drawn each was", "the index of each among all that were sampled"),
    (r"latents drawn and accepted", "latents sampled and accepted"),
    (r"each group drawn", "each group sampled"),
    (r"if all were drawn", "if all were sampled"),
    (r"which of those drawn", "which of those sampled"),
    (r"how many are drawn", "how many are sampled"),
    (r"in blocks and in the order drawn", "in blocks and in the order sampled"),
    (r"drawn (latents|rows)", r"sampled \1"),
    (r"latents drawn", "latents sampled"),
    (r"latents (are|were|is) drawn", r"latents \1 sampled"),
    (r"([dD])raw(s?) ((?:fresh|new|accepted|{expr}|the|so many|as many|a|one|of|count) )*latent(s?)", lambda m: m.group(0).replace("Draw", "Sample").replace("draw", "sample")),
    (r"latents (that|which) (the sieve |one seed |it |no earlier stage has |the plain method )draws?", lambda m: m.group(0).replace("draws", "samples").replace("drawn", "sampled")),
    (r"that no earlier stage has drawn", "that no earlier stage has sampled"),
    (r"has been drawn before", "has been sampled before"),
    (r"that the sieve draws by itself", "that the sieve samples by itself"),
    (r"latents that one seed draws", "latents that one seed gives"),
    (r"sample and judge", "sample and evaluate"),
    (r"threads that draw and evaluate", "threads that sample and evaluate"),
    (r"[dD]raw and (judge|evaluate) block by block", "Sample and evaluate block by block"),
    (r"(to draw and|to sample and) (judge|evaluate)", "to sample and evaluate"),
    (r"draw and evaluate a latent", "sample and evaluate a latent"),
    (r"latent \(from 0\)", "latent (from 0)"),
    (r"of which many are drawn for one that is accepted", "of which many are sampled for one that is accepted"),
    (r"as are drawn for one that is accepted", "as are sampled for one that is accepted"),
    (r"drawn ((?:at random|with replacement|uniformly|as a whole|by itself|by chance|anew|by {expr}|by SFC64|from (?:their|its|a) distribution|with quotas|evenly|without))", r"drawn~ \1"),
    (r"(share of|random|quasi-random|binomial|further|several|such|mean of {}|patients and|the|no|each|over) draws?\b(?=[ ,.;:)\n\"']|$)(?! (films|images|with|a|what|it|the|by|from))", r"\g<0>~"),
    (r"(bootstrap|chance|twin|study) draws\b", r"\1 draws~"),
    (r"[dD]raw (an adult|a lesion at random|`?count`? different rows)", lambda m: m.group(0).replace("Draw", "Draw~").replace("draw ", "draw~ ")),
    (r"so that every stage can be", "so that every stage can be"),
    (r"[dD]rawing n films of a grade with replacement", "Drawing~ n images of a grade with replacement"),
    (r"(is a binomial) draw", r"\1 draw~"),
    (r"random\) draws", "random) draws~"),
    (r"readers are not drawn", "readers are not drawn~"),
    (r"(Units|Rows|units|rows|items?|whole patients|patients) (are|is) drawn", r"\1 \2 drawn~"),
    (r"every item is drawn", "every item is drawn~"),
    (r"(what is drawn as a whole|unit that is drawn|what is drawn)", r"\1~"),
    (r"numbers what is drawn", "numbers what is drawn~"),
    (r"what the trainings draw their synthetic films from", "what the trainings draw~ their synthetic images from"),
    (r"What synthetic films are drawn from", "What synthetic images are drawn~ from"),
    (r"every arm draws as many", "every arm draws~ as many"),
    (r"A training draws", "A training draws~"),
    (r"no draw lacks", "no draw~ lacks"),
    (r"as many are drawn, {}", r"as many are drawn~, \1"),
    (r"(drawn|draws|draw)~~+", r"\1~"),
    (r"draws rows anew", "draws~ rows anew"),
    (r"draws a twin", "draws~ a twin"),
    (r"as scikit-learn draws it", "as in scikit-learn"),
    (r"draws a person", "draws~ a person"),
    (r"draws nobody", "samples nobody"),
    # plots
    (r"[fF]ilms drawn from {expr} latents", lambda m: cased(m.group(0), "images") + f" generated from {m.group(1)} latents"),
    (r"drawn from the pack", "plotted from the pack"),
    (r"drawn from {expr}", r"plotted from \1"),
    (r"drawn at once", "computed at once"),
    (r"table it was drawn from", "table it was plotted from"),
    (r"and, drawn from it and from", "and, plotted from it and from"),
    (r">drawn from", ">plotted from"),
    (r"images, drawn by hand", "images, generated by hand"),
    (r"films, drawn by hand", "images, generated by hand"),
    (r"masks? drawn (by|over|with)", lambda m: m.group(0).replace("drawn", "drawn~")),
    (r"outlines of masks drawn", "outlines of masks drawn~"),
    (r"T the drawn one", "T the reference one"),
    (r"\bdrawn by (hand|annotators|this project)", r"drawn~ by \1"),
    # what is worth it
    (r"worth drawing", "worth an image"),
    (r"latents are worth an image", "latents are worth an image"),
    # phantoms
    (r"phantoms drawn~ by this project", "phantoms rendered by this project"),
    (r"[dD]rawn chest films", lambda m: cased(m.group(0), "simulated") + " chest radiographs"),
    (r"[dD]rawn skin lesions", lambda m: cased(m.group(0), "simulated") + " skin lesions"),
    (r"[dD]raw(s?) chest films", lambda m: cased(m.group(0), "simulate" + m.group(1)) + " chest radiographs"),
    (r"[dD]raw(s?) skin lesions", lambda m: cased(m.group(0), "simulate" + m.group(1)) + " skin lesions"),
    (r"[dD]raw knee-like films", "Simulate knee-like radiographs"),
    (r"[dD]raw knee-like radiographs", "Simulate knee-like radiographs"),
    (r"everything on drawn films", "everything on simulated images"),
    (r"[wW]ith the drawn films it also holds", "With the phantoms it also holds"),
    (r"what each phantom was drawn with", "the parameters of each phantom"),
    (r"What the (chest )?phantoms were drawn with", lambda m: f"The parameters of the {m.group(1) or ''}phantoms"),
    (r"chest films and skin lesions drawn with", "chest radiographs and skin lesions simulated with"),
    (r"two drawn lungs", "two simulated lungs"),
    (r"{} draw the demo's films", r"\1 simulate the demo's images"),
    (r"draw the films, with known truth", "simulate the images, with known truth"),
    (r"truth of the drawn films", "truth of the simulated images"),
    (r"the drawn (chest films|skin lesions) that stand in", r"the simulated \1 that stand in"),
    # the figure of something
    (r"and a (picture|sheet) of (some|the)", r"and a figure of \2"),
    (r"([Tt])ables and pictures of", r"\1ables and figures of"),
    (r"tables and the picture of", "tables and the figure of"),
    (r"and the picture of the section", "and the figure of the section"),
    (r"shown in the picture", "shown in the figure"),
    (r"in the picture of", "in the figure of"),
    (r"[tT]he picture (shows|of (?:the groups|true|a packed|where))", r"The figure \1"),
    (r"above each picture", "above each panel"),
    (r"a picture in the plane", "a map in the plane"),
    (r"[pP]ictures of films", lambda m: cased(m.group(0), "figures") + " of images"),
    (r"and pictures of them", "and figures of them"),
    # grids
    (r"([aA]) sheet of (some|the)", r"\1 grid of \2"),
    (r"[sS]heets? of films", lambda m: cased(m.group(0), "grids" if "heets" in m.group(0) else "grid") + " of images"),
    (r"([sS])heet(s?)\b", lambda m: ("Grid" if m.group(1) == "S" else "grid") + m.group(2)),
    # new images
    (r"drawn afresh", "newly generated"),
    (r"[fF]resh films drawn from", "new images generated from"),
    (r"[fF]resh latents drawn", "newly sampled latents"),
    (r"fresh latents", "new latents"),
    (r"Fresh latents", "New latents"),
    (r"fresh (or|and) accepted", r"newly sampled \1 accepted"),
    (r"fresh or accepted latents", "newly sampled or accepted latents"),
    (r"in place of fresh ones", "in place of newly sampled ones"),
    (r"(vessels, tissue and noise are) drawn afresh", r"\1 drawn anew"),
    (r"a fresh (clone|process|checkout|git|interpreter|folder|project|copy)", r"a fresh~ \1"),
    (r"([fF])resh\b(?!~)", lambda m: "New" if m.group(1) == "F" else "new"),
    (r"fresh~", "fresh"),
    # generating: what is left of drawing
    (r"films (drawn )?(of|from) (latents|new latents|accepted|sieved|unsieved|newly)", r"images \1from \3"),
    (r"[dD]raw latents and let the generator make films of them", "Sample latents and let the generator make images of them"),
    (r"([lL])et the generator draw", r"\1et the generator produce"),
    (r"draw (films|images) of", r"generate \1 from"),
    (r"drawn of (accepted |sieved |unsieved |new )?latents", r"generated from \1latents"),
    (r"good of drawn", "good of generated"),
    (r"as drawn", "as generated"),
    (r"let the generator draw", "let the generator produce"),
    (r"[dD]raw (the|a) (figure|page)", lambda m: cased(m.group(0), "make") + f" {m.group(1)} {m.group(2)}"),
    (r"drawing and scoring", "generating and scoring"),
    (r"drawing alone", "generation alone"),
    (r"order of drawing", "order of generation"),
    (r"the drawing of its films", "the generation of its images"),
    (r"when drawing", "when rendering"),
    (r"drawn, screened", "generated, screened"),
    (r"([dD])rawn\b(?!~)", lambda m: "Generated" if m.group(1) == "D" else "generated"),
    (r"([dD])raws\b(?!~)", lambda m: "Generates" if m.group(1) == "D" else "generates"),
    (r"([dD])raw\b(?!~)", lambda m: "Generate" if m.group(1) == "D" else "generate"),
    (r"([dD])rawing\b(?!~)", lambda m: "Generation" if m.group(1) == "D" else "generation"),
    (r"(drawn|draws|draw|Draw|Drawing)~+", r"\1"),
    # minimum and maximum
    (r"(description: \"?)(least|most) (?=correlation|probability|distance|squared)", lambda m: m.group(1) + {"least": "minimum", "most": "maximum"}[m.group(2)] + " "),
    (r"most (films|groups|moved films|altered films|true films|pixels|Gauss-Newton steps)(?= (shown|of each|of part|of the test|of one|that the scores|moved))", r"maximum number of \1"),
    (r"the least (probability|distance|correlation|scale|expected time|cost)", r"the minimum \1"),
    (r"[Tt]he least (probability|distance)", r"The minimum \1"),
    (r"at least cost", "at minimum cost"),
    (r"of least cost", "of minimum cost"),
    (r"with the least cost", "with the minimum cost"),
    (r"at the least cost", "at the minimum cost"),
    (r"rule of (?:the )?least (time|seconds)", r"rule of minimum \1"),
    (r"least seconds per good film", "minimum seconds per good image"),
    (r"(least|most) and (the )?greatest", r"lowest and \2highest"),
    (r"the most possible", "the maximum possible"),
    (r"the most that could be", "the most that could be"),
    # images
    (r"X-ray films", "radiographs"),
    (r"([Cc])hest films", r"\1hest radiographs"),
    (r"([Cc])hest film", r"\1hest radiograph"),
    (r"knee-like films", "knee-like radiographs"),
    (r"is no film", "is no image"),
    (r"Films\b", "Images"),
    (r"films\b", "images"),
    (r"Film\b", "Image"),
    (r"film\b", "image"),
]

# ---------------------------------------------------------------------------------------------------------------------
# 4. Collisions: names that the words above would give twice in one scope. (function, old name) -> new name
# ---------------------------------------------------------------------------------------------------------------------
#    [, pattern that the file must have]; they hold for variables and parameters, not for attributes and texts
EXCEPTIONS: list[tuple[str, str, str] | tuple[str, str, str, str]] = [
    ("table", "expected", "saving", r"Round"),
    ("main", "images", "image_table"),
    ("ingest", "films", "file_ids"),
    ("ingest", "film", "file_id"),
    ("attributes_of_pictures", "images", "image_table"),
    ("normalize", "images", "image_table"),
    ("_films", "images", "image_table", r"DUPLICATE_GROUPS"),
    ("film_batches", "images", "location"),
    ("_films", "images", "location", r"_S3\b"),
    ("to_film", "image", "pil_image"),
    ("outlined", "image", "pil_image"),
    ("rotated", "images", "turned"),
    ("rotated", "image", "one"),
    ("pack_set", "split", "assign_splits"),
    ("split", "split", "assign_splits", r"shares"),
    ("", "split", "assign_splits", r"film_splits import linked, split|def linked"),
    ("assigned", "split", "assign_splits", r"film_splits import linked, split"),
    ("test_the_parts_have_their_shares", "split", "assign_splits"),
    ("parts_of", "split", "assign_splits"),
    ("draw_tree", "draw_tree", "plot_decision_tree"),
    ("_expected", "expected", "references"),
    ("describe", "promise", "expected", r"_closed"),
    ("_promised", "promise", "expected"),
    ("make_sieve", "promise", "expected"),
    ("make_arm", "drawn", "sampled"),
    ("test_quantities_worked_out_by_hand", "expected", "by_hand"),
    ("test_a_jpeg_with_further_pictures_is_a_jpeg", "image", "decoded"),
    ("test_films_masks_and_truth_belong_together", "image", "opened"),
    ("folder", "images", "rows", r"image_path"),
]
# Names that meet in one function and yet mean what they say: columns of two tables, folders in two places.
ACCEPTED = {
    ("recompute", "split"),  # the published column and ours, in two tables
    ("", "image"),  # columns of two tables
    ("", "split"),  # likewise
    ("loop_row", "expected"),  # columns of two tables
    ("", "images"),  # an option and a folder
    ("command", "images"),
    ("test_a_folder_and_a_pack_of_the_same_films_are_classified_alike", "images"),
    ("test_labels_of_the_user", "image"),
    ("test_films_are_drawn_once", "generated"),
    ("test_embedded_and_folder_give_the_same_bytes_the_second_time_too", "images"),
    ("test_embedded_and_folder_give_the_same_bytes_the_second_time_too", "image"),
}

# ---------------------------------------------------------------------------------------------------------------------
# The engine
# ---------------------------------------------------------------------------------------------------------------------
SKIP_DIRS = ("data/published/", "preview/", ".git/")
SKIP_FILES = {"CHANGELOG.md", "glossary.md", "LICENSE", "requirements.lock", "words.py", "compare_results.py"}
TEXT = {".py", ".md", ".rst", ".yaml", ".yml", ".smk", ".html", ".css", ".js", ".toml", ".json", ".cff", ".sh", ".txt", ".cfg", ""}
WS = r"(?:[ \t]+|[ \t]*\n[ \t]*(?:#[ \t]?)?)"
OPEN, CLOSE = "\ue000", "\ue001"  # around the numbers of texts that are set aside
ANY = rf"({OPEN}\d+{CLOSE}|[\w.'-]+)"
EXPR = rf"({OPEN}\d+{CLOSE})"
QUOTED = rf"((?:{OPEN}\d+{CLOSE}|[*`]+)?(?:train|validation|test)(?:{OPEN}\d+{CLOSE}|[*`]+)?|{OPEN}\d+{CLOSE})"
WORD = re.compile(r"[A-Za-z_]\w*")


def cased(old: str, new: str) -> str:
    """`new` with a capital if `old` has one."""
    return new[0].upper() + new[1:] if old[:1].isupper() else new


def spaced(pattern: str) -> str:
    """A rule's pattern with its spaces made wide (but not within classes of characters) and its {} filled in."""
    pattern = pattern.replace("{quoted}", QUOTED).replace("{expr}", EXPR).replace("{}", ANY)
    out, inside, escaped = [], False, False
    for char in pattern:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "[":
            inside = True
        elif char == "]":
            inside = False
        out.append(WS if char == " " and not inside else char)
    text = "".join(out)
    if re.match(r"\w|\(\[?\w|\[\w", pattern):
        text = (r"(?<!\w)" if re.match(r"[Ff]ilm", pattern) else r"(?<![\w-])") + text
    if re.search(r"\w\)?$", pattern) and not re.search(r"\(\?[=!<][^()]*(\([^()]*\)[^()]*)*\)$", pattern):
        text += r"(?!\w)"
    return text


COMPILED: list[tuple[re.Pattern[str], object]] = []


def compile_prose() -> None:
    for pattern, new in PROSE:
        COMPILED.append((re.compile(spaced(pattern)), new))


def substitute(pattern: re.Pattern[str], new: object, text: str) -> str:
    """Replace, and keep the line breaks that a match had."""

    def put(match: re.Match[str]) -> str:
        found = match.group(0)
        made = new(match) if callable(new) else match.expand(str(new))
        breaks = re.search(r"[ \t]*\n[ \t]*(?:#[ \t]?)?", found)
        if breaks is None or "\n" in made:
            return made
        before = len(found[: breaks.start()].split())
        words = made.split(" ")
        at = min(before, len(words) - 1) if len(words) > 1 else 0
        return " ".join(words[:at]) + breaks.group(0) + " ".join(words[at:])

    return pattern.sub(put, text)


CHUNKS = re.compile(
    r"""
    https?://[^\s)>"']+
    | \{\{.*?\}\} | \{%.*?%\} | \{\#.*?\#\}
    | \$\{[^}]*\}
    | ``[^`]+`` | `[^`\n]+`
    | </?[a-z][a-z0-9]*(?:\s[^<>]*)?>
    | --[a-z][\w-]*
    | (?:(?:[\w.*{}$-]|\[\w+\]|<\w+>)+/)+(?:[\w.*{}$-]|<\w+>)*
    | [\w*-]+\.(?:csv|png|json|parquet|npy|html|py|md|rst|yaml|yml|smk|tsv|safetensors|txt)\b
    | \b\w+(?:\.\w+)+\b
    | \b[A-Za-z0-9]*_\w+\b
    | \b[A-Z][a-z]+[A-Z]\w*\b
    | \b[A-Z]{4,}S?\b
    | ZQ\d+QZ
    """,
    re.VERBOSE,
)


class Scope:
    """What decides on the meaning of a name: the source of the function, and its name."""

    def __init__(self, name: str, source: str, whole: str) -> None:
        self.name, self.source = name, source
        self.splits = bool(re.search(SPLITISH, source)) and name not in NOT_SPLITS
        self.resamples = bool(re.search(RESAMPLES, source))
        self.plots = bool(re.search(r"draw_comparison|, draw_\w+\)|-> Figure", source))
        self.whole = whole


NONE = Scope("", "", "")


def split_words(name: str) -> list[str]:
    return re.findall(r"_+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|.", name)


def compound(name: str) -> str:
    """The name with the words in it replaced, in the same case."""
    words = split_words(name)
    low = [word.lower() for word in words]
    out: list[str] = []
    place = 0
    while place < len(words):
        for old, new in COMPOUND:
            span = [at for at in range(place, len(words)) if "_" not in words[at]][: len(old)]
            if len(span) == len(old) and span[0] == place and tuple(low[at] for at in span) == old:
                first = words[place]
                cap = (str.upper if first.isupper() and len(first) > 1 else str.capitalize if first[0].isupper() else str)
                joint = "_" if "_" in name else ""
                out.append(joint.join(cap(word) for word in new))
                place = span[-1] + 1
                break
        else:
            out.append(words[place])
            place += 1
    return "".join(out)


def rename(name: str, scope: Scope = NONE, string: bool = False, before: str = "", after: str = "") -> str:
    """The new name of an identifier."""
    if name in KEEP_NAMES or name.startswith("ZQ"):
        return name
    if not string and before != ".":
        for rule in EXCEPTIONS:
            if rule[:2] == (scope.name, name) and (len(rule) == 3 or re.search(rule[3], scope.whole)):
                return rule[2]
    if name == "sheet" and re.search(r"(?m)^from radsieve[\w.]* import [^\n]*\bsheet\b", scope.whole) and not string:
        return "grids"
    if name in EXACT:
        return EXACT[name]
    if name.lstrip("_") in SINGLE:
        return name[: len(name) - len(name.lstrip("_"))] + SINGLE[name.lstrip("_")]
    if name.startswith("test_") and name.count("_") > 2 and not string:
        words = prose(name[5:].replace("_", " "), scope, plain=True)
        return "test_" + re.sub(r"\W+", "_", words.lower()).strip("_")
    if name in {"part", "parts", "Part", "Parts", "_part", "_parts", "_PARTS", "parts_of"}:
        if name == "_PARTS":
            return "_SPLITS" if re.search(r'_PARTS = \{"valid"', scope.whole) else name
        if name in {"_part", "parts_of"}:
            split = bool(re.search(r"def linked|film_splits", scope.whole))
            return name.replace("part", "split") if split else name
        if name in {"_parts", "Part", "Parts"}:
            return name
        if (name == "part" and string) or (scope.splits and before != "."):
            return name.replace("part", "split").replace("Part", "Split").replace("PART", "SPLIT")
        return name
    if name == "drawn" and "-> Figure" in scope.source and not string and re.search(r"\bdrawn = (\[|0)", scope.source):
        return "shown"
    if name == "drawn" and scope.resamples and not string:
        return "draws"
    if name == "draw":
        return "plot" if scope.plots else "generate"
    if name == "judge":
        called = re.search(r"(?<![.\w])judge\(|judge: Judge\b|import[^#]*\bjudge\b", scope.source)
        return "evaluate" if string or before in {".", "def"} or called else "evaluator"
    if name in CODE_NAMES and not (string and name in {"least", "most"}):
        return CODE_NAMES[name]
    if re.match(r"_?draw_[a-z]", name):
        return compound(name.replace("draw_", "plot_", 1))
    if "_" in name.strip("_") or re.search(r"[a-z][A-Z]", name):
        if re.match(r"_?(most|MOST)_", name):
            name = re.sub(r"^(_?)(most|MOST)_", lambda m: m.group(1) + ("max_" if m.group(2) == "most" else "MAX_"), name)
        return compound(name)
    return name


def code_text(text: str, scope: Scope = NONE, string: bool = True) -> str:
    """Names within a piece of code, a path or a file's name."""

    def put(match: re.Match[str]) -> str:
        before = text[: match.start()][-1:]
        after = text[match.end() :][:1]
        word = match.group(0)
        ending = re.match(r"\.(csv|png|parquet|npy|html|json)\b", text[match.end() :])
        if ending and word in DATA_FILES:
            return DATA_FILES[word]
        if text[match.end() :].startswith(".py") and word in MODULES:
            return MODULES[word]
        if ending is None and before == "." and word in MODULES and "radsieve" in text:
            return MODULES[word]
        return rename(word, scope, string and before not in ("[", "(", "{", " "), before, after)

    return WORD.sub(put, text)


def prose(text: str, scope: Scope = NONE, plain: bool = False, expressions: bool = False) -> str:
    """Words of a text; names, paths and code in it are set aside and renamed as such."""
    aside: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        found = match.group(0)
        if found.startswith("http"):
            new = found
        elif found.startswith("{#"):
            new = found
        else:
            new = code_text(found, scope, string=not found.startswith(("{", "`", "$")))
        aside.append(new)
        return f"{OPEN}{len(aside) - 1}{CLOSE}"

    if "-> Figure" in scope.source:
        text = re.sub(r"\bDraw (?=(the )?(films|sheet|at most|`most`))", "Show ", text)
        text = re.sub(r"\bDraw (?=\w|`)", "Plot ", text)
        text = re.sub(r"\bfilm is drawn per", "film is shown per", text)
    if expressions:
        text = _expressions(text, put_aside, scope, aside)
    if not plain:
        text = CHUNKS.sub(put_aside, text)
    for pattern, new in COMPILED:
        text = substitute(pattern, new, text)
    while OPEN in text:
        text = re.sub(rf"{OPEN}(\d+){CLOSE}", lambda m: aside[int(m.group(1))], text)
    return articles(text)


VOWEL = r"(?:[Ii]mage|IMAGE|evaluat|[Ee]xpected|[Oo]bserved|arm\b|unsieved|accepted)"
CONSONANT = r"(?:generated|[Mm]ethod|[Ss]plit|grid|sampled|new\b|simulated|radiograph|chest|knee|training|held|min|max|[Cc]ompar)"


def articles(text: str) -> str:
    """a or an before a word that came new."""
    lead = r"([`*\"'(\[<]*)"
    text = re.sub(rf"\b([Aa])({WS}){lead}(?={VOWEL})", r"\1n\2\3", text)
    return re.sub(rf"\b([Aa])n({WS}){lead}(?={CONSONANT})", r"\1\2\3", text)


def _expressions(text: str, put_aside: object, scope: Scope, aside: list[str]) -> str:
    """Set the {expressions} of an f-string aside, renamed."""
    out, place = [], 0
    while place < len(text):
        char = text[place]
        if char in "{}" and text[place : place + 2] in ("{{", "}}"):
            out.append(text[place : place + 2])
            place += 2
        elif char == "{":
            depth, end = 1, place + 1
            while depth and end < len(text):
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            aside.append("{" + expression(text[place + 1 : end - 1], scope) + "}")
            out.append(f"{OPEN}{len(aside) - 1}{CLOSE}")
            place = end
        else:
            out.append(char)
            place += 1
    return "".join(out)


def expression(text: str, scope: Scope) -> str:
    """An expression within an f-string: names, and strings in the other quotes."""
    out = []
    for piece in re.split(r"('[^']*'|\"[^\"]*\")", text):
        if piece[:1] in ("'", '"') and len(piece) > 1:
            formatted = bool(re.search(r"(?<!\w)f$", "".join(out)))
            out.append(piece[0] + literal(piece[1:-1], scope, formatted) + piece[-1])
        else:
            out.append(WORD.sub(lambda m, t=piece: rename(m.group(0), scope, False, t[: m.start()][-1:], t[m.end() :][:1]), piece))
    return "".join(out)


def literal(body: str, scope: Scope, formatted: bool = False) -> str:
    """The body of a string: a name, a path, or prose."""
    if re.fullmatch(r"[\w./<>{}\[\]()*@=:,$%|^-]*", body) and " " not in body:
        if formatted:
            aside: list[str] = []
            text = _expressions(body, None, scope, aside)
            text = code_text(text, scope)
            return re.sub(rf"{OPEN}(\d+){CLOSE}", lambda m: aside[int(m.group(1))], text)
        return code_text(body, scope)
    return prose(body, scope, expressions=formatted)


class Collisions:
    """Old names by scope and new name."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def note(self, file: str, scope: str, kind: str, old: str, new: str) -> None:
        self.names[file, scope, kind][new].add(old)

    def report(self) -> list[str]:
        return [
            f"{file}: {scope or '(module)'}: {kind} {new} from {sorted(old)}"
            for (file, scope, kind), names in sorted(self.names.items())
            for new, old in sorted(names.items())
            if len(old) > 1 and (scope, new) not in ACCEPTED
        ]


COLLISIONS = Collisions()


def scopes_of(text: str) -> list[tuple[int, int, Scope]]:
    """The outermost functions of a module, methods of classes one by one, and the statements between them."""
    tree = ast.parse(text)
    lines = text.splitlines()
    found: list[tuple[int, int, Scope]] = []
    end_before = 0

    def add(first: int, last: int, name: str) -> None:
        found.append((first, last, Scope(name, "\n".join(lines[first - 1 : last]), text)))

    def visit(body: list[ast.stmt], prefix: str) -> None:
        nonlocal end_before
        for node in body:
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
            last = node.end_lineno or node.lineno
            if isinstance(node, ast.ClassDef):
                add(end_before + 1, node.body[0].lineno - 1, node.name)
                end_before = node.body[0].lineno - 1
                visit(node.body, f"{node.name}.")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                add(min(end_before + 1, first), last, node.name)
            else:
                add(min(end_before + 1, first), last, "")
            end_before = max(end_before, last)

    visit(tree.body, "")
    return found


def python(text: str, file: str) -> str:
    """A Python source with new words."""
    fixed: list[str] = []

    def keep(old: str, new: str) -> str:
        known = set() if new == old else set(WORD.findall(old))

        def one(match: re.Match[str]) -> str:
            if match.group(0) in known:
                return match.group(0)
            if match.group(0).startswith("ZQ"):
                return match.group(0)
            fixed.append(match.group(0))
            return f"ZQ{len(fixed) - 1}QZ"

        return re.sub(r"\b[A-Za-z_]\w*\b(?![\"'])", one, new)

    scopes = scopes_of(text)
    for rule in CODE:
        if len(rule) > 2 and not re.search(rule[2], text):
            continue
        text = re.sub(rule[0], lambda m, r=rule: keep(m.group(0), r[1](m) if callable(r[1]) else m.expand(r[1])), text)
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    of_line: dict[int, Scope] = {}
    for first, last, scope in scopes:
        for number in range(first, last + 1):
            of_line.setdefault(number, scope)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, IndentationError) as error:
        raise SystemExit(f"{file}: {error}\n{text}") from None
    out: list[str] = []
    done = 0

    def place(position: tuple[int, int]) -> int:
        return starts[position[0] - 1] + position[1]

    number = 0
    while number < len(tokens):
        token = tokens[number]
        begin, end = place(token.start), place(token.end)
        scope = of_line.get(token.start[0], NONE)
        if token.type == tokenize.NAME:
            before = text[:begin].rstrip()[-1:] if begin else ""
            if before == "f" and text[:begin].rstrip().endswith("def"):
                before = "def"
            after = text[end : end + 1]
            new = rename(token.string, scope, False, before, after)
            kind = "attribute" if before == "." else "name"
            COLLISIONS.note(file, scope.name, kind, token.string, new)
        elif token.type == tokenize.STRING:
            match = re.match(r"([A-Za-z]*)('''|\"\"\"|'|\")", token.string)
            assert match
            prefix, quote = match.groups()
            body = token.string[match.end() : -len(quote)]
            if quote in ("'''", '"""'):
                new_body = prose(body, scope, expressions="f" in prefix.lower())
            else:
                new_body = literal(body, scope, "f" in prefix.lower())
            if re.fullmatch(r"\w+", body):
                COLLISIONS.note(file, scope.name, "text", body, new_body)
            new = prefix + quote + new_body + quote
        elif token.type == tokenize.COMMENT:
            own = not text[: begin].rsplit("\n", 1)[-1].strip()
            last = number
            if own:
                while (
                    last + 2 < len(tokens)
                    and tokens[last + 1].type == tokenize.NL
                    and tokens[last + 2].type == tokenize.COMMENT
                    and tokens[last + 2].start[0] == tokens[last].start[0] + 1
                    and not text[: place(tokens[last + 2].start)].rsplit("\n", 1)[-1].strip()
                ):
                    last += 2
            end = place(tokens[last].end)
            new = prose(text[begin:end], scope)
            number = last
        else:
            number += 1
            continue
        out.append(text[done:begin])
        out.append(new)
        done = end
        number += 1
    out.append(text[done:])
    new_text = "".join(out)
    while re.search(r"ZQ\d+QZ", new_text):
        new_text = re.sub(r"ZQ(\d+)QZ", lambda m: fixed[int(m.group(1))], new_text)
    return new_text


def other(text: str, suffix: str) -> str:
    """A page, a table of settings, a rule file, a template."""
    new = prose(text)
    if suffix in {".yaml", ".yml"}:
        lines, before = new.split("\n"), text.split("\n")
        if len(lines) == len(before):
            new = "\n".join(_aligned(*pair) for pair in zip(before, lines, strict=True))
    return new


def _aligned(old: str, new: str) -> str:
    """The line with its remark in the column where it was."""
    was = re.match(r"(.*?\S)(\s{2,})#", old)
    now = re.match(r"(.*?\S)(\s{2,})(#.*)", new)
    if not was or not now or was.group(1).startswith("#"):
        return new
    column = len(was.group(1)) + len(was.group(2))
    return now.group(1) + " " * max(column - len(now.group(1)), 2) + now.group(3)


LIMIT = 120


def _paragraph(lines: list[str], first: int, comment: bool, bound: int = 10**9) -> int:
    """The last line of the paragraph that holds line `first`."""
    lead = re.match(r"\s*", lines[first]).group(0)
    last = first
    while last + 1 < min(len(lines), bound):
        after = lines[last + 1]
        text = after.strip().lstrip("#").strip() if comment else after.strip()
        if comment != after.strip().startswith("#") or not text or re.match(r"([-*|>]|\d+\.|`?\w+`?:\s|>>>)", text):
            break
        indent = re.match(r"\s*", after).group(0)
        if indent != lead and not (not comment and lines[first].strip().startswith(('"""', "- "))):
            break
        if not comment and text in {'"""', "'''"}:
            break
        last += 1
        if not comment and after.rstrip().endswith('"""'):
            break
    return last


def _fill(words: list[str], lead: str, hang: str) -> list[str]:
    out, line = [], lead
    for word in words:
        if len(line) + len(word) + (0 if line in {lead, hang} else 1) > LIMIT and line not in {lead, hang}:
            out.append(line.rstrip())
            line = hang
        line += word if line in {lead, hang} else " " + word
    return [*out, line.rstrip()]


def rewrap(path: Path, numbers: set[int], remarks: bool = False) -> None:
    """Bring the lines (from 1) that are too long within the limit: comments, docstrings, strings."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    doc: dict[int, tuple[int, int]] = {}
    depth, inside = 0, set()
    comments: dict[int, int] = {}
    strings: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and token.string.lstrip("rfbRFB").startswith(('"""', "'''")):
            doc.update(dict.fromkeys(range(token.start[0], token.end[0] + 1), (token.start[0], token.end[0])))
        elif token.type == tokenize.STRING and " " in token.string:
            strings[token.start[0]].append((token.start[1], token.end[1]))
            if depth:
                inside.add(token.start)
        elif token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
        elif token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.start[1]
    for number in sorted(numbers, reverse=True):
        at = number - 1
        line = lines[at]
        if len(line) <= LIMIT:
            continue
        lead = re.match(r"\s*", line).group(0)
        if remarks and (number not in comments or line.strip().startswith("#")):
            continue
        if number in comments and line.strip().startswith("#"):
            last = _paragraph(lines, at, comment=True)
            words = " ".join(one.strip().lstrip("#").strip() for one in lines[at : last + 1]).split()
            mark = re.match(r"\s*#:?\s*", line).group(0)
            lines[at : last + 1] = _fill(words, mark, mark)
        elif number in doc:
            last = _paragraph(lines, at, comment=False, bound=doc[number][1])
            joined = " ".join(one.strip() for one in lines[at : last + 1])
            closing = joined.endswith('"""')
            hang = lead + ("  " if line.strip().startswith("- ") else "")
            if closing:
                joined = joined[:-3].rstrip()
            made = _fill(joined.split(), lead, hang)
            if closing:
                alone = len(made) == 1 and made[0].strip().startswith('"""') and len(made[0]) + 3 <= LIMIT
                if alone or (len(made[-1]) + 3 <= LIMIT and not (made[0].strip().startswith('"""') and number == doc[number][0])):
                    made[-1] += '"""'
                else:
                    made.append(lead + '"""')
            lines[at : last + 1] = made
        elif number in comments:
            lines[at : at + 1] = [lead + line[comments[number] :], line[: comments[number]].rstrip()]
        elif any("# fmt: skip" in one for one in lines[at : at + 6]) and ", " in line[:LIMIT]:
            cut = line.rindex(", ", 0, LIMIT) + 1
            lines[at : at + 1] = [line[:cut], lead + line[cut:].strip()]
        elif strings[number]:
            begin, end = max(strings[number], key=lambda span: span[1] - span[0])
            lines[at] = line[:begin] + _halves(line[begin:end], (number, begin) in inside) + line[end:]
    path.write_text("\n".join(lines), encoding="utf-8")


def _halves(string: str, inside: bool) -> str:
    """A string as two that follow each other, cut at a space outside of braces near the middle."""
    match = re.match(r"([A-Za-z]*)(\"|')", string)
    if not match or string.startswith(('"""', "'''")):
        return string
    prefix, quote = match.groups()
    body = string[match.end() : -1]
    depth, cuts = 0, []
    for place, char in enumerate(body):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == " " and not depth:
            cuts.append(place + 1)
    if not cuts:
        return string
    cut = min(cuts, key=lambda place: abs(place - len(body) * 0.55))
    halves = []
    for half in (body[:cut], body[cut:]):
        plain = "f" in prefix.lower() and "{" not in half and "}" not in half
        halves.append((prefix.replace("f", "") if plain else prefix) + quote + half + quote)
    return " ".join(halves) if inside else "(" + " ".join(halves) + ")"


def ruff() -> str:
    return shutil.which("ruff") or "/work/base/.venv/bin/ruff"


def formatted() -> None:
    """Sorted imports, ruff's form, and no line that is too long."""
    places = [one for one in ("src", "scripts", "workflow", "tests", "benchmarks") if Path(one).exists()]
    for turn in range(7):
        subprocess.run([ruff(), "check", "-q", "--fix", "--select", "I", *places], check=False, stdout=subprocess.DEVNULL)
        if turn:
            subprocess.run([ruff(), "format", "-q", *places], check=False, stderr=subprocess.DEVNULL)
        found = subprocess.run(
            [ruff(), "check", "--select", "E501", "--output-format", "json", *places], capture_output=True, text=True
        ).stdout
        long: dict[str, set[int]] = defaultdict(set)
        for one in json.loads(found or "[]"):
            long[one["filename"]].add(one["location"]["row"])
        if not long and turn:
            break
        for name, numbers in long.items():
            rewrap(Path(name), numbers, remarks=not turn)


def files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True, capture_output=True
    ).stdout.decode()
    found = []
    for name in sorted(set(listed.split("\0"))):
        path = Path(name)
        if not name or name.startswith(SKIP_DIRS) or path.name in SKIP_FILES or not path.is_file() or path.is_symlink():
            continue
        found.append(path)
    return found


def new_path(path: Path) -> Path:
    """The path with a new file name, and new names of folders that carry a word."""
    stem, suffix = path.stem, path.suffix
    test = stem.startswith("test_")
    core = stem[5:] if test else stem
    if suffix == ".rst":
        stages = sorted((one for one in STAGES if core.startswith(one + "_")), key=len, reverse=True)
        stage = stages[0] if stages else next((one for one in STAGE_NAMES if core.startswith(one + "_")), "")
        if stage:
            rest = core[len(stage) + 1 :]
            return path.with_name(f"{STAGES.get(stage, stage)}_{DATA_FILES.get(rest, rename(rest, string=True))}.rst")
        new = core
    elif core in STEMS and suffix in {".py", ".png"}:
        new = STEMS[core]
    elif suffix in {".py", ".yaml", ".md", ".html", ".css", ".js", ".png", ".smk"}:
        new = rename(core, string=True) if not test else rename(core, string=True)
    else:
        new = core
    return path.with_name(("test_" if test else "") + new + suffix)


STAGE_NAMES: list[str] = []


def stage_names() -> None:
    if Path("dvc.yaml").exists():
        STAGE_NAMES.extend(
            sorted(re.findall(r"^  (\w+):$", Path("dvc.yaml").read_text(), re.M), key=len, reverse=True)
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
    parser.add_argument("--no-format", action="store_true", help="leave ruff out")
    args = parser.parse_args()
    compile_prose()
    stage_names()
    renamed, changed = [], 0
    for path in files():
        if path.suffix in TEXT:
            try:
                old = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            text = old
            for pattern, new in PATHS:
                text = re.sub(pattern, new, text)
            text = python(text, str(path)) if path.suffix == ".py" else other(text, path.suffix)
            if text != old:
                changed += 1
                if not args.dry_run:
                    path.write_text(text, encoding="utf-8")
        target = new_path(path)
        if target != path:
            renamed.append((path, target))
    for path, target in renamed:
        print(f"{path} -> {target.name}")
        if target.exists():
            print(f"  CANNOT: {target} is there already")
        elif not args.dry_run:
            done = subprocess.run(["git", "mv", str(path), str(target)], capture_output=True)
            if done.returncode:
                path.rename(target)
    print(f"{changed} files changed, {len(renamed)} renamed")
    if not args.dry_run and not args.no_format:
        formatted()
    for line in COLLISIONS.report():
        print("COLLISION", line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
