// Gocheck reads what Vidimus publishes with code that Vidimus did not write:
// golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog.
//
//	gocheck checkpoint VKEY FILE [WITNESS_VKEY ...]   who signed it, and which tree
//	gocheck log VKEY FOLDER all                       every entry, and every tile anew
//	gocheck log VKEY FOLDER entry=N ... size=N ...    some entries, and older trees
//	gocheck proof VKEY PROOF ENTRY                    a .tlog-proof of one entry
//	gocheck consistency OLD ROOT NEW ROOT [HASH ...]  a proof, hashes in base64
//	gocheck make NAME FOLDER SIZE                     a log of Go's own making, for us to read
//
// It ends with status 1 and a reason when anything does not hold.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Our tiles have 2**8 hashes, as C2SP tlog-tiles has it.
const height = 8

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gocheck:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 3 && args[0] == "checkpoint":
		return showCheckpoint(args[1], args[2], args[3:])
	case len(args) >= 4 && args[0] == "log":
		return checkLog(args[1], args[2], args[3:])
	case len(args) == 4 && args[0] == "proof":
		return checkProof(args[1], args[2], args[3])
	case len(args) >= 5 && args[0] == "consistency":
		return checkConsistency(args[1:5], args[5:])
	case len(args) == 4 && args[0] == "make":
		return makeLog(args[1], args[2], args[3])
	}
	return errors.New("unknown command; see the top of main.go")
}

// --- checkpoints ----------------------------------------------------------------------------

func openCheckpoint(vkey, text string, witnesses ...note.Verifier) (tlog.Tree, *note.Note, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, nil, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(append(witnesses, verifier)...))
	if err != nil {
		return tlog.Tree{}, nil, err
	}
	// A witness alone does not speak for the log.
	signed := false
	for _, sig := range opened.Sigs {
		signed = signed || sig.Name == verifier.Name() && sig.Hash == verifier.KeyHash()
	}
	if !signed {
		return tlog.Tree{}, nil, errors.New("the log did not sign this checkpoint")
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return tlog.Tree{}, nil, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return tlog.Tree{}, nil, fmt.Errorf("not a size: %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, nil, err
	}
	return tlog.Tree{N: size, Hash: root}, opened, nil
}

func showCheckpoint(vkey, file string, witnessKeys []string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var witnesses []note.Verifier
	for _, each := range witnessKeys {
		witness, err := newWitness(each)
		if err != nil {
			return err
		}
		witnesses = append(witnesses, witness)
	}
	tree, opened, err := openCheckpoint(vkey, string(text), witnesses...)
	if err != nil {
		return err
	}
	fmt.Printf("size %d\nroot %s\n", tree.N, tree.Hash)
	for _, sig := range opened.Sigs {
		for _, each := range witnesses {
			if sig.Name == each.Name() && sig.Hash == each.KeyHash() {
				blob, _ := base64.StdEncoding.DecodeString(sig.Base64)
				fmt.Printf("witness %s %d\n", sig.Name, binary.BigEndian.Uint64(blob[4:]))
			}
		}
	}
	return nil
}

// witness is a note.Verifier for C2SP cosignature/v1, signature type 0x04, which the note
// package does not know: the time stands before the signature and is signed with the text.
type witness struct {
	name string
	key  ed25519.PublicKey
}

func newWitness(vkey string) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed witness key")
	}
	blob, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(blob) != 33 || blob[0] != 4 {
		return nil, errors.New("malformed witness key: not type 04")
	}
	made := &witness{parts[0], blob[1:]}
	if parts[1] != fmt.Sprintf("%08x", made.KeyHash()) {
		return nil, errors.New("malformed witness key: its id is another one")
	}
	return made, nil
}

func (w *witness) Name() string { return w.name }

func (w *witness) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(w.name+"\n\x04"), w.key...))
	return binary.BigEndian.Uint32(sum[:])
}

func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(w.key, append([]byte(head), msg...), sig[8:])
}

// --- a log in a folder ----------------------------------------------------------------------

// tiles is a tlog.TileReader over the files of a C2SP log.
type tiles struct {
	folder string
}

func (t tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, each := range wanted {
		content, err := t.file(each)
		if err != nil {
			return nil, err
		}
		read = append(read, content)
	}
	return read, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// file reads a tile, or a bundle of entries for a tile of level -1. Go's names for them are
// tile/8/0/001 and tile/8/data/001; C2SP leaves the height out and says entries.
func (t tiles) file(tile tlog.Tile) ([]byte, error) {
	return os.ReadFile(filepath.Join(t.folder, published(tile)))
}

func published(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

// entries takes the bundle apart that holds the entries from n*256 on.
func (t tiles) entries(n, size int64) ([][]byte, error) {
	width := int64(1) << height
	if rest := size - n*width; rest < width {
		width = rest
	}
	content, err := t.file(tlog.Tile{H: height, L: -1, N: n, W: int(width)})
	if err != nil {
		return nil, err
	}
	var found [][]byte
	for len(content) > 0 {
		if len(content) < 2 || len(content) < 2+int(binary.BigEndian.Uint16(content)) {
			return nil, fmt.Errorf("bundle %d is cut short", n)
		}
		end := 2 + int(binary.BigEndian.Uint16(content))
		found, content = append(found, content[2:end]), content[end:]
	}
	if int64(len(found)) != width {
		return nil, fmt.Errorf("bundle %d has %d entries, not %d", n, len(found), width)
	}
	return found, nil
}

func checkLog(vkey, folder string, wanted []string) error {
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	tree, _, err := openCheckpoint(vkey, string(text))
	if err != nil {
		return err
	}
	files := tiles{folder}
	if len(wanted) == 1 && wanted[0] == "all" {
		return checkAll(tree, files)
	}
	reader := tlog.TileHashReader(tree, files)
	for _, each := range wanted {
		name, text, _ := strings.Cut(each, "=")
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		switch name {
		case "entry":
			err = checkEntry(tree, files, reader, number)
		case "size":
			err = checkOlder(tree, reader, number)
		default:
			err = fmt.Errorf("unknown wish %q", each)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", each, err)
		}
	}
	return nil
}

// computed is a tlog.HashReader over hashes that were made here, from the entries.
type computed []tlog.Hash

func (c computed) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var read []tlog.Hash
	for _, each := range indexes {
		if each < 0 || each >= int64(len(c)) {
			return nil, fmt.Errorf("no hash is stored at %d", each)
		}
		read = append(read, c[each])
	}
	return read, nil
}

// checkAll makes the whole tree anew from the entries, and compares the root that was signed
// and every byte of every tile. It does not ask tlog.TileHashReader, which before x/mod v0.40.0
// leaves up to a few full tiles unchecked (CVE-2026-56865); Debian 12 has v0.7.0.
func checkAll(tree tlog.Tree, files tiles) error {
	var made computed
	for n := int64(0); n<<height < tree.N; n++ {
		found, err := files.entries(n, tree.N)
		if err != nil {
			return err
		}
		for place, entry := range found {
			hashes, err := tlog.StoredHashes(n<<height+int64(place), entry, made)
			if err != nil {
				return err
			}
			made = append(made, hashes...)
		}
	}
	root, err := tlog.TreeHash(tree.N, made)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the entries do not make the signed root")
	}
	for level := 0; tree.N>>(height*level) > 0; level++ {
		count := tree.N >> (height * level)
		for n := int64(0); n<<height < count; n++ {
			tile := tlog.Tile{H: height, L: level, N: n, W: 1 << height}
			if rest := count - n<<height; rest < 1<<height {
				tile.W = int(rest)
			}
			wanted, err := tlog.ReadTileData(tile, made)
			if err != nil {
				return err
			}
			kept, err := files.file(tile)
			if err != nil {
				return err
			}
			if !bytes.Equal(kept, wanted) {
				return fmt.Errorf("%s is not made of the entries", tile.Path())
			}
		}
	}
	fmt.Printf("all %d entries\n", tree.N)
	return nil
}

// checkEntry proves an entry from tiles alone, and checks the proof against the signed root.
func checkEntry(tree tlog.Tree, files tiles, reader tlog.HashReader, number int64) error {
	if number < 0 || number >= tree.N {
		return errors.New("there is no such entry")
	}
	found, err := files.entries(number>>height, tree.N)
	if err != nil {
		return err
	}
	entry := found[number&(1<<height-1)]
	proof, err := tlog.ProveRecord(tree.N, number, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, number, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("entry %d %x\n", number, sha256.Sum256(entry))
	return nil
}

func checkOlder(tree tlog.Tree, reader tlog.HashReader, size int64) error {
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, size, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, size, root); err != nil {
		return err
	}
	fmt.Printf("size %d %s\n", size, root)
	return nil
}

// --- proofs that stand alone ----------------------------------------------------------------

func checkProof(vkey, proofFile, entryFile string) error {
	text, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("a proof without an index")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, _, err := openCheckpoint(vkey, string(checkpoint))
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("entry %d of %d\n", index, tree.N)
	return nil
}

func checkConsistency(trees, path []string) error {
	var sizes [2]int64
	var roots [2]tlog.Hash
	var err error
	for n := range sizes {
		if sizes[n], err = strconv.ParseInt(trees[2*n], 10, 64); err != nil {
			return err
		}
		if roots[n], err = tlog.ParseHash(trees[2*n+1]); err != nil {
			return err
		}
	}
	var proof tlog.TreeProof
	for _, each := range path {
		hash, err := tlog.ParseHash(each)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	if err := tlog.CheckTree(proof, sizes[1], roots[1], sizes[0], roots[0]); err != nil {
		return err
	}
	fmt.Printf("%d is the beginning of %d\n", sizes[0], sizes[1])
	return nil
}

// --- the other way round: a log for us to read ------------------------------------------------

// makeLog writes a log of that many entries, and for some of them N.tlog-proof beside it. It
// prints the log's key, and for some older sizes the root and the proof of consistency.
func makeLog(name, folder, sizeText string) error {
	size, err := strconv.ParseInt(sizeText, 10, 64)
	if err != nil || size < 1 {
		return errors.New("a log has one entry at least")
	}
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return err
	}
	var failed error
	write := func(path string, content []byte) {
		place := filepath.Join(folder, path)
		if failed == nil {
			failed = os.MkdirAll(filepath.Dir(place), 0o755)
		}
		if failed == nil {
			failed = os.WriteFile(place, content, 0o644)
		}
	}
	var made computed
	var bundle []byte
	for n := int64(0); n < size; n++ {
		entry := []byte(fmt.Sprintf("entry %d, made by Go", n))
		hashes, err := tlog.StoredHashes(n, entry, made)
		if err != nil {
			return err
		}
		made = append(made, hashes...)
		bundle = append(bundle, byte(len(entry)>>8), byte(len(entry)))
		bundle = append(bundle, entry...)
		if width := n&(1<<height-1) + 1; width == 1<<height || n+1 == size {
			tile := tlog.Tile{H: height, L: -1, N: n >> height, W: int(width)}
			write(published(tile), bundle)
			bundle = nil
		}
	}
	// For every size on the way; the partial tiles of earlier ones do no harm.
	for _, tile := range tlog.NewTiles(height, 0, size) {
		content, err := tlog.ReadTileData(tile, made)
		if err != nil {
			return err
		}
		write(published(tile), content)
	}
	root, err := tlog.TreeHash(size, made)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", name, size, root)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return err
	}
	write("checkpoint", signed)
	fmt.Println(public)
	for n := int64(0); n < size; n = n*2 + 1 {
		proof, err := tlog.ProveRecord(size, n, made)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", n)
		for _, hash := range proof {
			text += hash.String() + "\n"
		}
		write(fmt.Sprintf("%d.tlog-proof", n), []byte(text+"\n"+string(signed)))
		older, err := tlog.TreeHash(n+1, made)
		if err != nil {
			return err
		}
		path, err := tlog.ProveTree(size, n+1, made)
		if err != nil {
			return err
		}
		fmt.Print(n+1, " ", older)
		for _, hash := range path {
			fmt.Print(" ", hash)
		}
		fmt.Println()
	}
	return failed
}
