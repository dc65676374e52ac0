package main

import (
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// As in bench/messages.hpp.
const (
	sinkSubject = "KVCO_BENCH.sink"
	echoSubject = "KVCO_BENCH.echo"
	feedSubject = "KVCO_BENCH.feed"
	moreSubject = "KVCO_BENCH.more"
	burst       = 8192
	burstsAhead = 4
	patience    = 30 * time.Second
)

var errOtherMessage = errors.New("not the message that was sent")

func publishAll(connection *nats.Conn, t task) (int, error) {
	value := []byte(strings.Repeat("v", t.value))
	for i := 0; i < t.operations; i++ {
		if err := connection.Publish(sinkSubject, value); err != nil {
			return i, err
		}
	}
	return t.operations, connection.FlushTimeout(patience)
}

func requestOne(connection *nats.Conn, t task) operation {
	value := []byte(strings.Repeat("v", t.value))
	return func(_, _ int) error {
		reply, err := connection.Request(echoSubject, value, patience)
		if err == nil && len(reply.Data) != t.value {
			err = errOtherMessage
		}
		return err
	}
}

func takeAll(connection *nats.Conn, t task) (int, error) {
	feed, err := connection.SubscribeSync(feedSubject)
	if err != nil {
		return 0, err
	}
	defer feed.Unsubscribe()
	requested := 0
	more := func() error {
		requested += burst
		return connection.Publish(moreSubject, nil)
	}
	for requested < burstsAhead*burst && requested < t.operations {
		if err := more(); err != nil {
			return 0, err
		}
	}
	for taken := 1; taken <= t.operations; taken++ {
		message, err := feed.NextMsg(patience)
		if err == nil && len(message.Data) != t.value {
			err = errOtherMessage
		}
		if err == nil && taken%burst == 0 && requested < t.operations {
			err = more()
		}
		if err != nil {
			return taken, err
		}
	}
	return t.operations, nil
}
