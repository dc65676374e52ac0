// nats.go as a contestant: its Key-Value API, which blocks, on as many goroutines as shall be in flight.
//
// Reads tasks on standard input and writes outcomes on standard output, one line each: see bench/task.cpp for their form.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
)

type task struct {
	work                            string
	flight, value, keys, operations int
	rate                            float64
}

// One operation of a run; called from several goroutines.
type operation func(worker, number int) error

func parse(line string) (t task) {
	for _, field := range strings.Fields(line) {
		name, text, _ := strings.Cut(field, "=")
		number, _ := strconv.Atoi(text)
		switch name {
		case "work":
			t.work = text
		case "flight":
			t.flight = number
		case "value":
			t.value = number
		case "keys":
			t.keys = number
		case "operations":
			t.operations = number
		case "rate":
			t.rate, _ = strconv.ParseFloat(text, 64)
		}
	}
	return t
}

func keyName(number int) string { return "order-" + strconv.Itoa(1000000+number) }

func cpuSeconds() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func peakBytes() (bytes int) {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			bytes, _ = strconv.Atoi(strings.Fields(line)[1])
		}
	}
	return bytes * 1024
}

// Runs `work`, which returns how many operations it did, and says what it took.
func measure(work func(h *histogram) (int, error)) string {
	os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	h := &histogram{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, begin, resident := cpuSeconds(), time.Now(), peakBytes()
	done, err := work(h)
	seconds, used := time.Since(begin).Seconds(), cpuSeconds()-cpu
	runtime.ReadMemStats(&after)
	if err != nil {
		return " failure=" + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	peak := peakBytes()
	return fmt.Sprintf(" operations=%d seconds=%g cpu=%g allocations=%g peak=%d grown=%d latency=%s", done, seconds, used,
		float64(after.Mallocs-before.Mallocs)/float64(done), peak, peak-resident, h.encode())
}

func perform(connection *nats.Conn, bucket nats.KeyValue, t task) string {
	switch t.work {
	case "put", "get", "mixed", "update":
		op, err := single(bucket, t)
		if err != nil {
			return " failure=" + err.Error()
		}
		return measure(func(h *histogram) (int, error) { return t.operations, run(t, op, h) })
	case "watch":
		return measure(func(*histogram) (int, error) { return watchAll(bucket) })
	case "keys":
		return measure(func(*histogram) (int, error) {
			keys, err := bucket.Keys()
			return len(keys), err
		})
	case "publish":
		return measure(func(*histogram) (int, error) { return publishAll(connection, t) })
	case "request":
		return measure(func(h *histogram) (int, error) { return t.operations, run(t, requestOne(connection, t), h) })
	case "subscribe":
		return measure(func(*histogram) (int, error) { return takeAll(connection, t) })
	}
	return " absent=it is not asked for this"
}

func main() {
	url := os.Getenv("NATS_URL")
	connection, err := nats.Connect(url)
	if err == nil {
		var js nats.JetStreamContext
		if js, err = connection.JetStream(nats.MaxWait(30 * time.Second)); err == nil {
			var bucket nats.KeyValue
			if bucket, err = js.KeyValue("KVCO_BENCH"); err == nil {
				lines := bufio.NewScanner(os.Stdin)
				for lines.Scan() {
					fmt.Println(perform(connection, bucket, parse(lines.Text())))
				}
				return
			}
		}
	}
	fmt.Fprintln(os.Stderr, "bench_go_peer:", err)
	os.Exit(1)
}
