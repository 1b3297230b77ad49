// SPDX-License-Identifier: Apache-2.0
// What versions of Unicode other than 15.1 say of the sets that make-char-tables.mjs
// reads, as hexadecimal ranges. Which version counts is the reference's choice: each
// of its libraries has its own (tests/golden/make_char_classes.py asks them).

export const SINCE = {
  // \p{L} of Oniguruma: Unicode 16.0.
  letter: {
    added: `1c89-1c8a a7cb-a7cd a7da-a7dc 105c0-105f3 10d4a-10d65 10d6f-10d85 10ec2-10ec4 11380-11389
      1138b 1138e 11390-113b5 113b7 113d1 113d3 11bc0-11be0 13460-143fa 16100-1611d 16d40-16d6c
      18cff 1e5d0-1e5ed 1e5f0`,
  },
  // \p{N} of Oniguruma: 16.0.
  number: {
    added: "10d40-10d49 116d0-116e3 11bf0-11bf9 16130-16139 16d70-16d79 1ccf0-1ccf9 1e5f1-1e5fa",
  },
  // char::is_numeric of Rust: 17.0, beyond 16.0.
  numeric: {
    added: "11de0-11de9 16ff4-16ff6",
  },
  // \w of the crate regex: 16.0, beyond its letters.
  word: {
    added: `897 10d40-10d49 10d69-10d6d 10efc 113b8-113c0 113c2 113c5 113c7-113ca 113cc-113d0 113d2
      113e1-113e2 116d0-116e3 11bf0-11bf9 11f5a 1611e-16139 16d70-16d79 1ccf0-1ccf9 1e5ee-1e5ef
      1e5f1-1e5fa`,
  },
  // is_combining_mark of the crate unicode-normalization-alignments: 9.0.
  mark: {
    added: "1cf2-1cf3",
    removed: "111c9",
  },
  // The crate unicode-segmentation: 17.0.
  Extend: {
    added: `897 cc0 cc7-cc8 cca-ccb 1715 1734 1acf-1add 1ae0-1aeb 1b3b 1b3d 1b43-1b44 1baa 1bf2-1bf3
      a953 a9c0 10d69-10d6d 10efa-10efc 111c0 11235 1134d 113b8 113bb-113c0 113c2 113c5
      113c7-113c9 113ce-113d0 113d2 113e1-113e2 116b6 1193d 11b60 11b62-11b64 11b66 11f41 11f5a
      1611e-16129 1612d-1612f 16ff0-16ff1 1d166 1d16d 1e5ee-1e5ef 1e6e3 1e6e6 1e6ee-1e6ef 1e6f5`,
    removed: "1171e",
  },
  // The same.
  SpacingMark: {
    added: "113b9-113ba 113ca 113cc-113cd 1171e 11b61 11b65 11b67 1612a-1612c",
    removed: `cc0 cc7-cc8 cca-ccb 1715 1734 1b3b 1b3d 1b43-1b44 1baa 1bf2-1bf3 a953 a9c0 111c0 11235
      1134d 116b6 1193d 11f41 16ff0-16ff1 1d166 1d16d`,
  },
  // The same.
  Prepend: {
    added: "113d1",
    removed: "11a3a",
  },
  // The same.
  V: {
    added: "16d63 16d67-16d6a",
  },
  // The same.
  Extended_Pictographic: {
    removed: `2388 2605 2607-260d 260f-2610 2612 2616-2617 2619-261c 261e-261f 2621 2624-2625 2627-2629
      262b-262d 2630-2637 263b-263f 2641 2643-2647 2654-265e 2661-2662 2664 2667 2669-267a
      267c-267d 2680-2685 2690-2691 2698 269a 269d-269f 26a2-26a6 26a8-26a9 26ac-26af 26b2-26bc
      26bf-26c3 26c6-26c7 26c9-26cd 26d0 26d2 26d5-26e8 26eb-26ef 26f6 26fb-26fc 26fe-2701
      2703-2704 270e 2710-2711 2765-2767 1f000-1f003 1f005-1f02b 1f030-1f093 1f0a0-1f0ae
      1f0b1-1f0bf 1f0c1-1f0ce 1f0d1-1f0f5 1f10d-1f10f 1f12f 1f16c-1f16f 1f1ad 1f260-1f265
      1f322-1f323 1f394-1f395 1f398 1f39c-1f39d 1f3f1-1f3f2 1f3f6 1f4fe 1f546-1f548 1f54f
      1f568-1f56e 1f571-1f572 1f57b-1f586 1f588-1f589 1f58e-1f58f 1f591-1f594 1f597-1f5a3
      1f5a6-1f5a7 1f5a9-1f5b0 1f5b3-1f5bb 1f5bd-1f5c1 1f5c5-1f5d0 1f5d4-1f5db 1f5df-1f5e0 1f5e2
      1f5e4-1f5e7 1f5e9-1f5ee 1f5f0-1f5f2 1f5f4-1f5f9 1f6c6-1f6ca 1f6d3-1f6d4 1f6e6-1f6e8 1f6ea
      1f6f1-1f6f2 1f774-1f77f 1f7d5-1f7d9 1f8b0-1f8bb 1f8c0-1f8c1 1f8d0-1f8d8 1fa00-1fa57
      1fa60-1fa6d`,
  },
  // The same.
  InCB_Consonant: {
    added: `1000-102a 103f 1050-1055 105a-105d 1061 1065-1066 106e-1070 1075-1081 108e 1780-17b3
      1a20-1a54 1b0b-1b0c 1b13-1b33 1b45-1b4c 1b83-1ba0 1bae-1baf 1bbb-1bbd a989-a98b a98f-a9b2
      a9e0-a9e4 a9e7-a9ef a9fa-a9fe aa60-aa6f aa71-aa73 aa7a aa7e-aa7f aae0-aaea abc0-abda 10a00
      10a10-10a13 10a15-10a17 10a19-10a35 11103-11126 11144 11147 11380-11389 1138b 1138e
      11390-113b5 11900-11906 11909 1190c-11913 11915-11916 11918-1192f 11a00 11a0b-11a32 11a50
      11a5c-11a83 11f04-11f10 11f12-11f33`,
  },
  // The same.
  InCB_Linker: {
    added: "1039 17d2 1a60 1b44 1bab a9c0 aaf6 10a3f 11133 113d0 1193e 11a47 11a99 11f42",
  },
};
