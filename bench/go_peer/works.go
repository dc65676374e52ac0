package main

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// By schedule any number of operations may be open; goroutines set the limit.
const mostOpen = 4096

// run calls op for each number, by `flight` goroutines or by schedule, and times each in the second case.
func run(t task, op operation, latency *histogram) error {
	workers := t.flight
	if t.rate > 0 {
		workers = mostOpen
	}
	var next int64 = -1
	var mutex sync.Mutex
	var failure error
	var open sync.WaitGroup
	begin := time.Now()
	for w := 0; w < workers; w++ {
		open.Add(1)
		go func(worker int) {
			defer open.Done()
			for {
				number := int(atomic.AddInt64(&next, 1))
				if number >= t.operations {
					return
				}
				var due time.Time
				if t.rate > 0 {
					due = begin.Add(time.Duration(float64(number) / t.rate * 1e9))
					time.Sleep(time.Until(due))
				}
				err := op(worker, number)
				if t.rate > 0 || err != nil {
					mutex.Lock()
					if err != nil {
						failure = err
						atomic.StoreInt64(&next, int64(t.operations))
					} else {
						latency.add(time.Since(due))
					}
					mutex.Unlock()
				}
			}
		}(w)
	}
	open.Wait()
	return failure
}

// single makes the operation of a work: put, get, update or mixed.
func single(bucket nats.KeyValue, t task) (operation, error) {
	value := []byte(strings.Repeat("v", t.value))
	put := func(_, number int) error {
		_, err := bucket.Put(keyName(number%t.keys), value)
		return err
	}
	get := func(_, number int) error {
		entry, err := bucket.Get(keyName(number % t.keys))
		if err == nil && len(entry.Value()) != t.value {
			err = errors.New("get: another value")
		}
		return err
	}
	switch t.work {
	case "put":
		return put, nil
	case "get":
		return get, nil
	case "mixed":
		return func(worker, number int) error {
			if number%4 == 0 {
				return put(worker, number)
			}
			return get(worker, number)
		}, nil
	}
	// A goroutine updates a key of its own: no two updates of one key are open at a time.
	last := make([]uint64, max(t.flight, mostOpen))
	prepare := task{flight: 256, operations: len(last)}
	err := run(prepare, func(_, key int) (err error) {
		last[key], err = bucket.Put(keyName(key), value)
		return err
	}, nil)
	return func(worker, _ int) (err error) {
		last[worker], err = bucket.Update(keyName(worker), value, last[worker])
		return err
	}, err
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

func watchAll(bucket nats.KeyValue) (count int, err error) {
	watcher, err := bucket.WatchAll()
	if err != nil {
		return 0, err
	}
	defer watcher.Stop()
	for entry := range watcher.Updates() {
		if entry == nil { // the end of what was there
			return count, nil
		}
		count++
	}
	return count, errors.New("the watch has ended")
}
