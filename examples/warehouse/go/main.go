// Keep each order line as a file, named by a hash of its key, and its partition: `go run . lines`. Of a line that moved to
// another partition the deletion from the old one may be read last. The effect comes first and can be repeated, offsets
// are committed behind it: whatever ends this process, the next one does at most the last poll again.
// What comes last holds: an order that begins anew has smaller versions.
package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	folder, ctx := os.Args[1], context.Background()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(cmp.Or(os.Getenv("BRIDGE_KAFKA_BOOTSTRAP_SERVERS"), "127.0.0.1:9092"), ",")...),
		kgo.ConsumerGroup(cmp.Or(os.Getenv("GROUP_ID"), "order-lines")),
		kgo.ConsumeTopics(cmp.Or(os.Getenv("BRIDGE_TOPIC_PREFIX"), "newstore")+".order-lines.v1"),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), // the default shows lines that were aborted, too
		kgo.DisableAutoCommit(), kgo.SessionTimeout(10*time.Second), // one that was killed is missed after that
		kgo.BlockRebalanceOnPoll(), // nobody else has these partitions before what was polled is committed
	)
	check(cmp.Or(err, os.MkdirAll(folder, 0o755)))
	for {
		fetches := client.PollRecords(ctx, 500)
		check(fetches.Err())
		fetches.EachRecord(func(record *kgo.Record) { take(folder, record) })
		check(client.CommitUncommittedOffsets(ctx))
		client.AllowRebalance()
	}
}

func take(folder string, record *kgo.Record) {
	file := fmt.Sprintf("%s/%x-%d.json", folder, sha256.Sum256(record.Key), record.Partition)
	if record.Value == nil {
		check(os.RemoveAll(file)) // the line is gone
		return
	}
	check(os.WriteFile(file+".new", record.Value, 0o644))
	check(os.Rename(file+".new", file))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
