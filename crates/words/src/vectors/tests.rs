//! Files of every kind, whole and damaged.

use super::*;

fn some() -> Vectors {
    let words = ["the", "été", "new_york", "東京"].map(str::to_owned).to_vec();
    Vectors::new(words, Array2::from_shape_fn((4, 3), |(i, j)| (i as f32 - 1.3) / (j as f32 + 3.0))).unwrap()
}

#[test]
fn every_kind_of_file_comes_back_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["v.txt", "v.vec", "v.bin", "v.safetensors", "v.npy"] {
        let path = folder.path().join(name);
        let kind = Kind::of(&path).unwrap();
        some().write(kind, File::create(&path).unwrap()).unwrap();
        if kind == Kind::Npy {
            std::fs::write(words_beside(&path), some().words().join("\n")).unwrap();
        }
        assert_eq!(Vectors::load(&path, &mut |line| panic!("{line}")).unwrap(), some(), "{name}");
    }
    assert!(Kind::of(&folder.path().join("v.csv")).is_err());
}

#[test]
fn glove_has_no_first_line_and_others_no_new_line_after_a_vector() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("glove.txt");
    std::fs::write(&path, "the 1 -2.5\n, 0.25 3e-2\n").unwrap();
    let vectors = Vectors::load(&path, &mut |line| panic!("{line}")).unwrap();
    assert_eq!(vectors.of(",").unwrap().to_vec(), [0.25, 0.03]);
    let path = folder.path().join("v.bin");
    let mut bytes = b"2 1\na ".to_vec();
    bytes.extend(1f32.to_le_bytes());
    bytes.extend(b"b ");
    bytes.extend(2f32.to_le_bytes());
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(Vectors::load(&path, &mut |line| panic!("{line}")).unwrap().of("b").unwrap().to_vec(), [2.0]);
}

/// Reads a file of this name: the words, and what is said.
fn loaded(name: &str, bytes: &[u8]) -> (Vectors, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut said = Vec::new();
    let vectors = Vectors::load(&path, &mut |line| said.push(line.to_owned())).unwrap();
    (vectors, said)
}

/// Words of binary vectors of one number each: their own.
fn in_binary(head: &str, words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = head.as_bytes().to_vec();
    for (word, number) in words.iter().zip(0u8..) {
        bytes.extend([word, &b" "[..], &f32::from(number).to_le_bytes(), b"\n"].concat());
    }
    bytes
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_kind_is_recognised_by_content_and_else_by_its_ending_in_any_case() {
    let stored = |kind: Kind| {
        let mut bytes = Vec::new();
        some().write(kind, &mut bytes).unwrap();
        bytes
    };
    let folder = tempfile::tempdir().unwrap();
    let words = some().words().join("\r\n") + "\r\n\r\n";
    std::fs::write(folder.path().join("v.words"), format!("\u{feff}{words}")).unwrap();
    for kind in [Kind::Text, Kind::Binary, Kind::Safetensors, Kind::Npy] {
        let bytes = stored(kind);
        for name in ["v", "v.50d", "v.txt", "v.TXT", "v.VEC", "v.Bin", "v.bin.GZ", "v.w2v"] {
            for bytes in [bytes.clone(), gzipped(&bytes)] {
                let path = folder.path().join(name);
                std::fs::write(&path, bytes).unwrap();
                // Words stand beside the name without its ending.
                let loaded = Vectors::load(&path, &mut |line| panic!("{line}"));
                assert_eq!(loaded.unwrap_or_else(|error| panic!("{kind:?} {name}: {error}")), some());
            }
        }
    }
    std::fs::write(folder.path().join("v.npy.gz"), gzipped(&stored(Kind::Npy))).unwrap();
    assert_eq!(Vectors::load(&folder.path().join("v.npy.gz"), &mut |_| ()).unwrap(), some());
    // GloVe's text has no first line.
    let glove = folder.path().join("glove.6B.2d");
    std::fs::write(&glove, "the 1 2\ncat 3 4\n").unwrap();
    assert_eq!(Vectors::load(&glove, &mut |_| ()).unwrap().len(), 2);
    assert_eq!(Kind::of(Path::new("a.TXT")).unwrap(), Kind::Text);
}

#[test]
fn odd_words_of_published_files_cost_no_more_than_themselves() {
    let text = "5 2\nthe 1 2\n. . . 3 4\nat a@b.org 5 6\n\u{a0} 7 8\n 9 9\n the\t1\t1\ncat\t0,5\t1e-1\t\nof nan 1\nthe 9 9\n7 8 9\nx 1\ng 1 1\nh 1 1\ni 1 1\nj 1 1\nk 1 1\nl 1 1\n\n\n";
    let (vectors, said) = loaded("v.txt", text.as_bytes());
    assert_eq!(vectors.words(), ["the", "cat", "7", "g", "h", "i", "j", "k", "l"]);
    assert_eq!(vectors.of("cat").unwrap().to_vec(), [0.5, 0.1]);
    assert_eq!(vectors.of("the").unwrap().to_vec(), [1.0, 2.0]);
    let [passed, promised] = &said[..] else { panic!("{said:?}") };
    assert!(passed.contains("v.txt: 9 words; passed over 8: 5 empty or with white space"), "{passed}");
    assert!(passed.contains("(the first: line 3)") && passed.contains("1 that came before"), "{passed}");
    assert!(passed.contains("1 without the right numbers (the first: line 12)"), "{passed}");
    assert!(promised.ends_with("v.txt: 17 words, though its first line says 5"), "{promised}");
    // Without a first line, the width is that of most lines.
    let (vectors, said) = loaded("v.vec", b". . . 1 2\nat 3 1 2\na 1 2\nb 3 4\nc 3 4\n");
    assert_eq!((vectors.words().len(), vectors.width(), said.len()), (3, 2, 1));
}

#[test]
fn words_that_are_not_utf8_do_not_become_one() {
    let bytes = in_binary("5 1\n", &[b"a", b"\xff", b"\xfe", "é".as_bytes(), b"b"]);
    let (vectors, said) = loaded("v.bin", &bytes);
    assert_eq!(vectors.words(), ["a", "é", "b"]);
    assert_eq!(vectors.of("b").unwrap().to_vec(), [4.0]);
    assert!(said[0].contains("2 not UTF-8 (the first: word 2)"), "{said:?}");
    let (vectors, said) = loaded("v.txt", b"a 1\ncaf\xe9 2\n\xff 3\n");
    assert_eq!(vectors.words(), ["a", "café", "ÿ"]);
    assert!(said[0].ends_with("2 lines are not UTF-8: read as windows-1252"), "{said:?}");
}

#[test]
fn other_encodings_gzip_and_wrong_counts_are_read() {
    let plain = "2 1\r\nété 1\r\nb 2\r\n";
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(plain.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let binary = in_binary("2 1\n", &["été".as_bytes(), b"b"]);
    for (name, bytes, lines) in [
        ("v.txt", [b"\xef\xbb\xbf", plain.as_bytes()].concat(), 0),
        ("v.txt", utf16, 1),
        ("v.vec.gz", gzipped(plain.as_bytes()), 0),
        ("v.vec", gzipped(plain.as_bytes()), 0),
        ("v.bin.gz", gzipped(&binary), 0),
        ("v.bin", in_binary("7 1\n", &["été".as_bytes(), b"b"]), 1),
        ("v.bin", in_binary("1 1\n", &["été".as_bytes(), b"b"]), 1),
    ] {
        let (vectors, said) = loaded(name, &bytes);
        assert_eq!(
            (vectors.words(), said.len()),
            (&["été".to_owned(), "b".to_owned()][..], lines),
            "{name}: {said:?}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut broken = b"3 2\nword ".to_vec();
    broken.extend(1f32.to_le_bytes());
    for (name, bytes, why) in [
        ("a.txt", &b"2 2\na 1 2\nb 1\n"[..], "line 3: 1 numbers, not 2"),
        ("b.txt", b"a 1 2\nb 1 x\n", "line 2: \"x\" is not a number"),
        ("c.txt", b"3 2\na 1 2 3\nb 1 2 3\n", "line 2: 3 numbers, not 2"),
        ("d.bin", &793_712_314u32.to_le_bytes(), "it is a fastText model: its vectors as text, the .vec"),
        ("e.txt", b"a nan\n", "not finite"),
        ("f.txt", b"", "no vectors"),
        (
            "f2.txt",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n",
            "it is a Git LFS pointer",
        ),
        ("g.bin", &broken, "breaks off in word 1 of 3"),
        ("h.bin", b"99999999999 4\nx", "breaks off in word 1"),
        ("m.bin", b"1 4611686018427387904\nx ", "breaks off in word 1"),
        ("i.bin", b"hello", "line 1"),
        ("j.safetensors", b"no", "header"),
        ("k.npy", b"no", "k.words"),
        ("l.csv", b"", ".safetensors or .npy"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = Vectors::load(&path, &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains(&name[..1]), "{name}: {error}");
        assert_eq!(error.lines().count(), 1);
    }
}
