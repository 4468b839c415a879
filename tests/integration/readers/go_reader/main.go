// Reads topics with franz-go or sarama: `go_reader <franz-go|sarama> <servers> <group> <{topic: records}>`. Prints
// {topic: {records, bytes}} as soon as there are so many.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
)

type summary struct {
	Records int `json:"records"`
	Bytes   int `json:"bytes"`
}

type summaries struct{ wanted, found map[string]summary }

func main() {
	read := map[string]func(string, string, *summaries) error{"franz-go": withFranz, "sarama": withSarama}[os.Args[1]]
	all := summaries{map[string]summary{}, map[string]summary{}}
	counts := map[string]int{}
	check(json.Unmarshal([]byte(os.Args[4]), &counts))
	for topic, records := range counts {
		all.wanted[topic] = summary{Records: records}
	}
	check(read(os.Args[2], os.Args[3], &all))
	text, err := json.Marshal(all.found)
	check(err)
	fmt.Println(string(text))
}

func withFranz(servers, group string, all *summaries) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(servers), kgo.ConsumerGroup(group), kgo.ConsumeTopics(all.topics()...),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	check(err)
	for !all.complete() {
		fetches := client.PollFetches(context.Background())
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) { all.add(record.Topic, record.Value) })
	}
	return nil
}

func withSarama(servers, group string, all *summaries) error {
	config := sarama.NewConfig()
	config.Consumer.IsolationLevel = sarama.ReadCommitted
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Return.Errors = true
	member, err := sarama.NewConsumerGroup([]string{servers}, group, config)
	check(err)
	messages := make(chan *sarama.ConsumerMessage)
	go func() {
		for {
			check(member.Consume(context.Background(), all.topics(), forwarding(messages)))
		}
	}()
	for !all.complete() {
		select {
		case message := <-messages:
			all.add(message.Topic, message.Value)
		case err := <-member.Errors():
			return err
		}
	}
	return nil // the process ends here, and its member with it
}

// forwarding is a group's handler that passes on what it gets of each partition.
type forwarding chan *sarama.ConsumerMessage

func (forwarding) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (forwarding) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (to forwarding) ConsumeClaim(_ sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for message := range claim.Messages() {
		to <- message
	}
	return nil
}

func (all *summaries) topics() (names []string) {
	for name := range all.wanted {
		names = append(names, name)
	}
	return names
}

func (all *summaries) add(topic string, value []byte) {
	found := all.found[topic]
	all.found[topic] = summary{found.Records + 1, found.Bytes + len(value)}
}

func (all *summaries) complete() bool {
	for topic, wanted := range all.wanted {
		if all.found[topic].Records < wanted.Records {
			return false
		}
	}
	return true
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
