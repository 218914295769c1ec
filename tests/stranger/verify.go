// SPDX-License-Identifier: Apache-2.0

// A stranger's verifier: reads a log's public files by C2SP tlog-tiles with nothing of ours, on
// golang.org/x/mod/sumdb/{note,tlog}. verify LOG VKEYFILE [INDEX...]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

// groups spells a tile's number: 1234067 is x001/x234/067.
func groups(n int64) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	return s
}

type reader struct{ dir string }

func (r reader) Height() int { return 8 }

func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		p := filepath.Join(r.dir, "tile", strconv.Itoa(t.L), groups(t.N))
		if t.W < 256 {
			p += ".p/" + strconv.Itoa(t.W)
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (r reader) SaveTiles([]tlog.Tile, [][]byte) {}

// bundle reads `width` entries.
func (r reader) bundle(n int64, width int) [][]byte {
	p := filepath.Join(r.dir, "tile/entries", groups(n))
	if width < 256 {
		p += ".p/" + strconv.Itoa(width)
	}
	data, err := os.ReadFile(p)
	if err != nil {
		fail("%v", err)
	}
	var entries [][]byte
	for i := 0; i < width; i++ {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			fail("%s: short", p)
		}
		l := int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:2+l])
		data = data[2+l:]
	}
	if len(data) != 0 {
		fail("%s: long", p)
	}
	return entries
}

func main() {
	r := reader{os.Args[1]}
	vkey, err := os.ReadFile(os.Args[2])
	if err != nil {
		fail("%v", err)
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	if err != nil {
		fail("%v", err)
	}
	msg, err := os.ReadFile(filepath.Join(r.dir, "checkpoint"))
	if err != nil {
		fail("%v", err)
	}
	n, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		fail("checkpoint: %v", err)
	}
	lines := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || lines[0] != verifier.Name() {
		fail("checkpoint: %q", n.Text)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		fail("%v", err)
	}
	var tree tlog.Tree
	tree.N = size
	copy(tree.Hash[:], root)
	if size > 0 {
		hashes := tlog.TileHashReader(tree, r)
		for start := int64(0); start < size; start += 256 {
			width := 256
			if size-start < 256 {
				width = int(size - start)
			}
			var want []int64
			entries := r.bundle(start/256, width)
			for i := range entries {
				want = append(want, tlog.StoredHashIndex(0, start+int64(i)))
			}
			got, err := hashes.ReadHashes(want)
			if err != nil {
				fail("%v", err)
			}
			for i, e := range entries {
				if got[i] != tlog.RecordHash(e) {
					fail("record %d: other hash", start+int64(i))
				}
			}
		}
		for _, a := range os.Args[3:] {
			i, _ := strconv.ParseInt(a, 10, 64)
			proof, err := tlog.ProveRecord(size, i, hashes)
			if err != nil {
				fail("%v", err)
			}
			h, _ := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
			if err := tlog.CheckRecord(proof, size, tree.Hash, i, h[0]); err != nil {
				fail("%v", err)
			}
		}
	}
	fmt.Printf("good: %d\n", size)
}
