"""The error of a machine that lacks something, and the checks of Java and Maven."""

import re
import shutil
import subprocess

OLDEST_JAVA = 17  # what a Kafka 4 broker is compiled for


class BrokenEnvironment(Exception):  # noqa: N818 - the name the command line's users know
    """This machine lacks something; the message is one sentence that says what to install or to change."""


def java() -> str:
    """Path of a `java` that can run Kafka. BrokenEnvironment: it is missing or too old."""
    found = shutil.which("java")
    if found is None:
        raise BrokenEnvironment(
            f"Kafka needs Java {OLDEST_JAVA} or newer and there is no 'java' on the PATH: install it "
            "(Debian: apt-get install openjdk-17-jre-headless), start Docker, "
            "or set BRIDGE_KAFKA_BOOTSTRAP_SERVERS to a running Kafka."
        )
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', said)  # Java 8 calls itself 1.8
    if version is None or int(version[1]) < OLDEST_JAVA:
        has = version[1] if version else "something else"
        raise BrokenEnvironment(f"Kafka needs Java {OLDEST_JAVA} or newer, but {found} is {has}: install a newer one.")
    return found


def maven() -> str:
    """Path of `mvn`. BrokenEnvironment: it is missing."""
    found = shutil.which("mvn")
    if found is None:
        raise BrokenEnvironment(
            "Maven is needed once, to fetch Kafka, and there is no 'mvn' on the PATH: install it "
            "(Debian: apt-get install maven), start Docker, "
            "or set BRIDGE_KAFKA_BOOTSTRAP_SERVERS to a running Kafka."
        )
    return found
