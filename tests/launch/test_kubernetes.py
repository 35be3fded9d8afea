"""The manifests for Kubernetes: they are what its schemas say, and what a worker reads."""

import copy
import json
import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from dlcli.cli.app import EXIT_CODES
from dlcli.devices import cluster
from dlcli.errors import UsageError
from dlcli.launch import kubernetes
from dlcli.launch.job import Job
from dlcli.launch.kubernetes import Place

JOB = Job("Mine_1", "image-cnn", ("model.filters=[4, 8]", "--data", "/workspace/photos"), 3)
PLACE = Place("registry.example.org:5000/dlcli:gpu", None, None, "50G", 2, 8, "32G")
OLDEST, NEWEST = "1.31", kubernetes_validate.latest_version()


def manifests(job=JOB, recipe_text=None, **changed):
    place = Place(**{**vars(PLACE), **changed})
    return kubernetes.manifests(job, place, max_restarts=7, recipe_text=recipe_text)


def pod(documents):
    return documents[-1]["spec"]["template"]["spec"]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"gpus": 0, "namespace": "team-a", "claim": "team.runs"},
        {"job": Job("mine", "own/mine.yaml", (), 1), "recipe_text": "task: x\n# 狗\n"},
    ],
)
def test_the_schemas_of_kubernetes_accept_the_file(version, changed):
    documents = manifests(**changed)
    written = kubernetes.write(documents, changed.get("job", JOB))
    assert list(yaml.safe_load_all(written)) == documents
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("spec", "completions"), "3"),
        (("spec", "completionModes"), "Indexed"),
        (("spec", "podFailurePolicy", "rules", 0, "onExitCodes", "values"), 75),
        (("spec", "template", "spec", "containers", 0, "env", 0, "value"), 3),
        (("spec", "template", "spec", "volumes", 0, "persistentVolumeClaim", "claimName"), None),
    ],
)
def test_the_schemas_would_refuse_a_mistake(path, value):
    broken = copy.deepcopy(manifests()[-1])
    *above, last = path
    target = broken
    for key in above:
        target = target[key]
    target[last] = value
    with pytest.raises(kubernetes_validate.ValidationError, match=r"type|unexpected|required"):
        kubernetes_validate.validate(broken, NEWEST, strict=True)


def test_what_the_pods_are_told_makes_them_a_cluster():
    documents = manifests()
    _, service, job = documents
    given = {each["name"]: each["value"] for each in pod(documents)["containers"][0]["env"]}
    found = cluster.of_environment({**given, "JOB_COMPLETION_INDEX": "2"})
    # The host name of a pod of an indexed Job, in the domain that the service makes.
    name, subdomain = job["metadata"]["name"], pod(documents)["subdomain"]
    port = service["spec"]["ports"][0]["port"]
    assert found.workers == tuple(f"{name}-{index}.{subdomain}:{port}" for index in range(3))
    assert (found.index, found.source) == (2, "Kubernetes")
    assert subdomain == service["metadata"]["name"]
    assert service["spec"]["selector"] == {"batch.kubernetes.io/job-name": name}
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["publishNotReadyAddresses"] is True


def test_the_job_is_as_large_as_the_cluster_and_done_with_worker_0():
    spec = manifests()[-1]["spec"]
    assert (spec["completions"], spec["parallelism"], spec["completionMode"]) == (3, 3, "Indexed")
    assert spec["successPolicy"] == {"rules": [{"succeededIndexes": "0"}]}
    assert spec["backoffLimit"] == 7


def test_exit_codes_restart_a_pod_or_end_the_job_as_they_are_documented():
    rules = manifests()[-1]["spec"]["podFailurePolicy"]["rules"]
    decided = {
        code: rule["action"]
        for rule in rules
        for code in rule.get("onExitCodes", {}).get("values", [])
    }
    assert decided == {2: "FailJob", 3: "FailJob", 5: "FailJob", 75: "Ignore", 143: "Ignore"}
    assert all(f" {code} " in EXIT_CODES for code in decided)
    assert pod(manifests())["restartPolicy"] == "Never"  # else the policy is not allowed


def test_a_worker_has_its_gpus_its_memory_and_any_user():
    container = pod(manifests())["containers"][0]
    assert container["resources"]["limits"] == {"cpu": "8", "memory": "32Gi", "nvidia.com/gpu": 2}
    assert "nvidia.com/gpu" not in pod(manifests(gpus=0))["containers"][0]["resources"]["limits"]
    assert container["image"] == PLACE.image
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert pod(manifests())["securityContext"]["runAsNonRoot"] is True
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounts == {"workspace": "/workspace", "shared-memory": "/dev/shm"}


def test_a_claim_is_made_unless_there_is_one():
    made = manifests()
    assert made[0]["kind"] == "PersistentVolumeClaim"
    assert made[0]["spec"]["accessModes"] == ["ReadWriteMany"]
    assert made[0]["spec"]["resources"]["requests"]["storage"] == "50Gi"
    claims = [
        pod(documents)["volumes"][0]["persistentVolumeClaim"]["claimName"]
        for documents in (made, manifests(claim="team"))
    ]
    assert claims == [made[0]["metadata"]["name"], "team"]
    assert [each["kind"] for each in manifests(claim="team")] == ["Service", "Job"]


def test_a_recipe_of_your_own_travels_with_the_job_under_its_name():
    documents = manifests(Job("mine", "../own/größe 1.yaml", ("a=1",), 2), recipe_text="task: x\n")
    config = next(each for each in documents if each["kind"] == "ConfigMap")
    assert list(config["data"].items()) == [("gr--e-1.yaml", "task: x\n")]
    args = pod(documents)["containers"][0]["args"]
    assert args == ["train", "/recipes/gr--e-1.yaml", "a=1", "--name", "mine", "--go-on"]
    assert pod(documents)["containers"][0]["volumeMounts"][-1]["mountPath"] == "/recipes"
    assert pod(manifests())["containers"][0]["args"][:2] == ["train", "image-cnn"]


def test_names_stay_short_enough_for_what_is_added_to_them():
    documents = manifests(Job("x" * 200, "image-cnn", (), 1000))
    names = [each["metadata"]["name"] for each in documents]
    assert max(map(len, [*names, f"{names[-1]}-999"])) <= 63


def test_a_namespace_is_in_every_document_and_in_the_commands():
    documents = manifests(namespace="team-a")
    assert {each["metadata"]["namespace"] for each in documents} == {"team-a"}
    head = kubernetes.write(documents, JOB, "jobs/mine.yaml").split("---")[0]
    assert "kubectl apply -f jobs/mine.yaml" in head
    assert head.count("--namespace team-a") == 3
    assert "namespace" not in json.dumps(manifests())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"image": "no image"}, "--image is 'no image'"),
        ({"image": ""}, "--image is ''"),
        ({"claim": "My_Claim"}, "--claim is 'My_Claim'"),
        ({"namespace": "a/b"}, "--namespace is 'a/b'"),
        ({"memory": "lots"}, "--memory is 'lots'"),
        ({"storage": "0G"}, "--storage is '0G'"),
    ],
)
def test_what_kubernetes_would_refuse_is_refused_here(changed, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        manifests(**changed)


def test_the_schemas_accept_the_job_that_the_documentation_shows():
    page = Path(__file__).parents[2] / "docs" / "distribution.md"
    (shown,) = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    kubernetes_validate.validate(yaml.safe_load(shown), NEWEST, strict=True)
