"""``docker-compose.yml``: well formed, and what it mounts is there. (No Docker is needed to know that.)"""

import configparser
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ADDON = "stock_cycle_count"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def odoo_conf():
    parser = configparser.RawConfigParser()
    parser.read(ROOT / "odoo.conf")
    return dict(parser.items("options"))


def mounts(service):
    """``{target in the container: source}`` of a service."""
    return {target: source for source, target, *_mode in (volume.split(":") for volume in service["volumes"])}


def test_images_are_the_series_that_the_addon_is_for(compose):
    images = {name: service["image"] for name, service in compose["services"].items()}
    assert images == {"db": "postgres:16", "install": "odoo:17.0", "odoo": "odoo:17.0"}


def test_every_lasting_service_has_a_health_check(compose):
    for name in ("db", "odoo"):
        check = compose["services"][name]["healthcheck"]
        assert check["test"][0] == "CMD" and check["retries"] > 0, name


def test_odoo_waits_for_a_healthy_server_and_an_installed_addon(compose):
    services = compose["services"]
    assert services["install"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert services["odoo"]["depends_on"]["install"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("name", ["install", "odoo"])
def test_mounts_from_the_project_exist_and_are_read_only(compose, name):
    service = compose["services"][name]
    sources = [source for source in mounts(service).values() if source.startswith(".")]
    assert sorted(sources) == ["./odoo.conf", f"./{ADDON}"]
    assert all((ROOT / source).exists() for source in sources)
    assert all(volume.endswith(":ro") for volume in service["volumes"] if volume.startswith("."))


def test_named_volumes_are_declared(compose):
    services = compose["services"].values()
    used = {source for service in services for source in mounts(service).values() if not source.startswith(".")}
    assert used == set(compose["volumes"])


def test_the_addon_and_the_files_are_where_odoo_conf_looks(compose, odoo_conf):
    targets = mounts(compose["services"]["odoo"])
    assert targets[f"{odoo_conf['addons_path']}/{ADDON}"] == f"./{ADDON}"
    assert targets["/etc/odoo/odoo.conf"] == "./odoo.conf"
    assert targets[odoo_conf["data_dir"]] == "odoo-data"


def test_odoo_conf_holds_no_secret_and_names_no_server(odoo_conf):
    assert set(odoo_conf) == {"addons_path", "data_dir"}


def test_odoo_reaches_the_server_with_the_password_it_has(compose):
    server, client = (compose["services"][name]["environment"] for name in ("db", "odoo"))
    assert client["HOST"] == "db" and client["USER"] == server["POSTGRES_USER"]
    assert client["PASSWORD"] == server["POSTGRES_PASSWORD"]
    assert compose["services"]["install"]["environment"] == client


def test_the_server_is_not_published_and_odoo_on_this_machine_alone(compose):
    assert "ports" not in compose["services"]["db"]
    assert all(port.startswith("127.0.0.1:") for port in compose["services"]["odoo"]["ports"])
