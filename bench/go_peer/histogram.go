package main

import (
	"fmt"
	"math/bits"
	"strings"
	"time"
)

// The classes of bench/histogram.cpp: 64 to each power of two.
type histogram struct {
	counts [35 * 64]uint64
	most   uint64
}

func (h *histogram) add(late time.Duration) {
	value := uint64(0)
	if late > 0 {
		value = uint64(late)
	}
	if value >= 1<<40 {
		value = 1<<40 - 1
	}
	shift := 0
	if width := bits.Len64(value); width > 7 {
		shift = width - 7
	}
	h.counts[uint64(shift)<<6+value>>uint(shift)]++
	if value > h.most {
		h.most = value
	}
}

func (h *histogram) encode() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d;", h.most)
	for class, count := range h.counts {
		if count != 0 {
			fmt.Fprintf(&text, "%d:%d,", class, count)
		}
	}
	return text.String()
}
