"""Push to and pull from a DVC remote on a real S3 server, and what DVC shows of the results."""

import json

import boto3
import pytest
from project import Project, ran

from radsieve.storage.server import embedded_server

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


def test_push_and_pull_in_a_fresh_clone(project, tmp_path):
    with embedded_server() as server:
        keys = {"aws_access_key_id": server.access_key, "aws_secret_access_key": server.secret_key}
        boto3.client("s3", endpoint_url=server.endpoint, region_name="us-east-1", **keys).create_bucket(Bucket="store")
        clone = Project(tmp_path / "clone")
        project.git("add", "dvc.lock", "workflow/dvc.lock")
        project.git("commit", "--quiet", "--message", "results")
        project.git("clone", "--quiet", str(project.folder), str(clone.folder))
        for each in (project, clone):
            each.dvc("remote", "add", "--local", "--default", "store", "s3://store/cache")
            each.dvc("remote", "modify", "--local", "store", "endpointurl", server.endpoint)
            each.dvc("remote", "modify", "--local", "store", "access_key_id", server.access_key)
            each.dvc("remote", "modify", "--local", "store", "secret_access_key", server.secret_key)
        project.dvc("push")
        clone.dvc("pull")
    assert clone.outputs() == project.outputs()
    assert "Nothing to be done" in clone.snakemake()
    assert ran(clone.dvc("repro")) == set()
    assert clone.git("status", "--porcelain") == ""


def test_metrics_params_and_plots(project):
    metrics = json.loads(project.dvc("metrics", "show", "--json"))[""]["data"]
    assert {path.split("/")[1] for path in metrics} >= {
        "ingest_images",
        "find_duplicates",
        "measure_agreement",
        "normalize_labels",
    }
    assert all(isinstance(entry["data"], dict) and entry["data"] for entry in metrics.values())
    project.set("find_duplicates", "hash_distance", 4)
    difference = json.loads(project.dvc("params", "diff", "--json"))
    assert difference["params.yaml"]["find_duplicates.hash_distance"]["new"] == 4
    project.dvc("plots", "show")
    page = (project.folder / "dvc_plots/index.html").read_text()
    assert "contingency" in page
    assert "grades" in page
