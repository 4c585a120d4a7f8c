#!/bin/bash
# convert_branch.sh NAME COMMIT : tree of COMMIT (merged with X) after both scripts -> prints commit id with tree, parent = base
set -e
export PATH=/work/base/.venv/bin:$PATH
name=$1; rev=$2
wt=/work/wt/conv-$name
git -C /work/main worktree remove --force $wt 2>/dev/null || true
git -C /work/main worktree add -q --detach $wt $rev
cd $wt
python /work/scratch/frozen/rooms.py > /tmp/lead/conv-$name.log 2>&1
git add -A; git -c core.hooksPath=/dev/null commit -qm "rooms" || true
python /work/scratch/frozen/words.py >> /tmp/lead/conv-$name.log 2>&1
ruff check --fix -q src scripts workflow tests benchmarks >/dev/null || true
ruff format -q src scripts workflow tests benchmarks || true
git add -A; t=$(git write-tree)
parent=""; [ -n "$3" ] && parent="-p $3"
git commit-tree $t $parent -m "$name converted"
