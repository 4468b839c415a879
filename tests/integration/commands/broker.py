"""The broker, seen and changed with another client than the bridge's."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from bridge.settings import Settings
from tests.integration.waiting import PATIENCE, wait_until


class Broker:
    """The topics of a prefix, with their partitions and configuration."""

    def __init__(self, settings: Settings) -> None:
        self._prefix = settings.topic_prefix
        self._admin = AdminClient({"bootstrap.servers": ",".join(settings.kafka_bootstrap_servers)})

    def topics(self) -> dict[str, int]:
        """Dataset -> number of partitions."""
        found = self._admin.list_topics(timeout=PATIENCE).topics
        return {
            name.split(".")[1]: len(topic.partitions)
            for name, topic in found.items()
            if name.startswith(f"{self._prefix}.")
        }

    def config(self, dataset: str) -> dict[str, str]:
        """Every entry of a topic's configuration."""
        (described,) = self._admin.describe_configs([self._resource(dataset)]).values()
        entries: Mapping[str, Any] = described.result(PATIENCE)
        return {name: entry.value for name, entry in entries.items()}

    def set_config(self, dataset: str, name: str, value: str) -> None:
        """As an operator would. Returns once the broker has it, which the controller says before."""
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        (done,) = self._admin.incremental_alter_configs([self._resource(dataset, entry)]).values()
        done.result(PATIENCE)
        wait_until(f"{dataset} has {name}", lambda: self.config(dataset)[name] == value)

    def create(self, dataset: str, partitions: int) -> None:
        """With the broker's defaults; returns once the broker shows it."""
        (done,) = self._admin.create_topics([NewTopic(self._name(dataset), partitions, 1)]).values()
        done.result(PATIENCE)
        wait_until(f"{dataset} is there", lambda: self.topics().get(dataset) == partitions)

    def delete(self, dataset: str) -> None:
        """Returns once the broker shows it no more."""
        (done,) = self._admin.delete_topics([self._name(dataset)]).values()
        done.result(PATIENCE)
        wait_until(f"{dataset} is gone", lambda: dataset not in self.topics())

    def _resource(self, dataset: str, *entries: ConfigEntry) -> ConfigResource:
        return ConfigResource(ResourceType.TOPIC, self._name(dataset), incremental_configs=list(entries))

    def _name(self, dataset: str) -> str:
        return f"{self._prefix}.{dataset}.v1"
