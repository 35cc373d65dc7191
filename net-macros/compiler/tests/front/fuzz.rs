//! Mutated programs: whatever the tokens, the compiler does not panic, and its front end does not lose the place of an
//! error.

use proc_macro2::{Group, Literal, TokenStream, TokenTree};

use crate::front_of_tokens;

const PROGRAMS: [&str; 4] = [
    "const N: usize = 4 * 2;
    pub network Encoder(image: [16, 16, 3]) -> (code: [N], map: [7, 7, 4]) {
        let map = image -> Conv2d(4, 3, stride = (1, 1), padding = valid) -> relu -> MaxPool2d(2);
        let code = map -> Flatten -> Dense(N, bias = false, name = coder) -> leaky_relu(0.1);
    }
    network Both(left: [16, 16, 3], right: [16, 16, 3]) -> (same: [1]) {
        layer encoder = Encoder;
        let (a, _) = left -> encoder;
        let (b, _) = (image = right) -> encoder;
        let same: [1] = ((a, b) -> Sub, (a -> Dense(N - 2 + 2), b) -> Mul) -> Concat -> Dense(1) -> sigmoid;
        loss same: 0.5 * BinaryCrossentropy(label_smoothing = 0.1) + Huber(2.0);
        metric same: Accuracy, MeanSquaredError;
    }",
    "network Shared(x: [4, 8], y: [4, 8]) -> (z: [4, 2]) {
        layer tower = Dense(6) -> gelu(approximate = true) -> Dropout(0.5);
        let u = (x, y) -> Concat(axis = steps) -> tower -> Permute(1, 0) -> Reshape(-1, 6) -> Dense(4);
        let v = (x -> tower, y -> tower) -> Maximum;
        let w = u -> Reshape((4, 8)) -> Dense(2) -> softmax;
        let z = (w, v -> Dense(2)) -> Add -> softmax;
        loss z: SparseCategoricalCrossentropy;
        metric z: TopK(k = 1);
    }",
    "const N: usize = 6;
    extern network super::models::Encoder as Eye(image: [8, 8, 3], _text: u32[N]) -> (code: [4], map: [2 * 2, 4, N]);
    extern network Decoder(code: [4]) -> (image: [8, 8, 3]);
    block look(image, text, const WIDTH) {
        let (code, map) = (image, text) -> Eye;
        (code -> Dense(WIDTH), map -> GlobalAvgPool2d -> Dense(WIDTH)) -> Add
    }
    network Inner(image: [8, 8, 3], text: u32[6]) -> (code: [4], again: [8, 8, 3]) {
        layer eye = Eye;
        let (code, map) = (image = image, _text = text) -> eye;
        let (other, _) = (code -> Decoder, text) -> eye;
        let again: [8, 8, 3] = ((code, other, map -> GlobalAvgPool2d -> Dense(4)) -> Add -> Decoder, image) -> Sub;
        loss code: CategoricalCrossentropy + 0.5 * MeanSquaredError;
        loss again: MeanAbsoluteError;
    }
    network Outer(image: [8, 8, 3], text: u32[6]) -> (y: [4]) {
        let (_, seen) = (image, text) -> Inner;
        let (first, _) = (seen, text) -> Eye(name = last);
        let y = (first, (seen, text) -> look(4)) -> Mul;
    }",
    "extern const config::CLASSES = 10;
    extern network other::Net as Net(x: [3]) -> (y: [4]);
    block residual(x, const N) { let main = x -> Conv2d(N, 3, padding = same) -> relu; (main, x) -> Add }
    network Image(image: [12, 10, 3], text: u32[4]) -> (y: [6]) {
        let a = image -> ZeroPad2d(((1, 2), (0, 3))) -> AvgPool2d(size = (2, 3), stride = 1, padding = same);
        let y = (a -> GlobalMaxPool2d, a -> GlobalAvgPool2d) -> Concat;
        loss y: self::Dice(smooth = 1.0) + crate::x::Other(2);
    }",
];

/// A small generator (splitmix64), so that a failure can be repeated from its number.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % end.max(1) as u64) as usize
    }
}

fn count(tokens: &TokenStream) -> usize {
    tokens
        .clone()
        .into_iter()
        .map(|token| 1 + if let TokenTree::Group(group) = token { count(&group.stream()) } else { 0 })
        .sum()
}

/// Changes the token with this number, counted through groups.
fn change(
    tokens: TokenStream,
    at: &mut isize,
    change_token: &mut dyn FnMut(TokenTree) -> Vec<TokenTree>,
) -> TokenStream {
    let mut changed = Vec::new();
    for token in tokens {
        let here = *at == 0;
        *at -= 1;
        if here {
            changed.extend(change_token(token));
            continue;
        }
        changed.push(match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), change(group.stream(), at, change_token));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            token => token,
        });
    }
    changed.into_iter().collect()
}

fn pick(tokens: &TokenStream, at: usize) -> Option<TokenTree> {
    let mut picked = None;
    change(tokens.clone(), &mut (at as isize), &mut |token| {
        picked = Some(token.clone());
        vec![token]
    });
    picked
}

fn mutate(tokens: TokenStream, random: &mut Random) -> TokenStream {
    let len = count(&tokens);
    let at = random.below(len);
    let other = pick(&tokens, random.below(len));
    let kind = random.below(7);
    let number = [0, 1, 2, 3, 7, 255, 65_536, i32::MAX as u64, i64::MAX as u64, u64::MAX][random.below(10)];
    let mut mutation = |token: TokenTree| {
        let span = token.span();
        match kind {
            0 => Vec::new(),
            1 => vec![token.clone(), token],
            2 => other.clone().into_iter().collect(),
            3 => other.clone().into_iter().chain([token]).collect(),
            4 => {
                let mut literal = Literal::u64_unsuffixed(number);
                literal.set_span(span);
                vec![TokenTree::Literal(literal)]
            }
            5 => match token {
                TokenTree::Group(group) => group.stream().into_iter().collect(),
                token => {
                    vec![token.clone(), TokenTree::Group(Group::new(proc_macro2::Delimiter::Parenthesis, token.into()))]
                }
            },
            _ => match token {
                TokenTree::Literal(_) => vec![TokenTree::Literal(Literal::u64_unsuffixed(number))],
                token => vec![token],
            },
        }
    };
    change(tokens, &mut (at as isize), &mut mutation)
}

#[test]
fn mutated_programs_never_panic() {
    for seed in 0..6_000 {
        let mut random = Random(seed);
        let mut tokens: TokenStream = PROGRAMS[random.below(PROGRAMS.len())].parse().unwrap();
        for _ in 0..=random.below(3) {
            tokens = mutate(tokens, &mut random);
        }
        let text = tokens.to_string();
        // Parsed again, so that every token has a place in the text.
        let Ok(tokens) = text.parse() else { continue };
        let compiled = std::panic::catch_unwind(move || {
            net_compiler::compile(TokenStream::clone(&tokens));
            front_of_tokens(tokens)
        });
        match compiled {
            Err(_) => panic!("the compiler panicked on mutant {seed}:\n{text}"),
            Ok((_, errors)) => {
                for error in &errors {
                    assert!(!error.starts_with("nowhere"), "an error of mutant {seed} has no place: {error}\n{text}");
                }
            }
        }
    }
}

#[test]
fn all_programs_but_the_last_are_accepted() {
    for program in &PROGRAMS[..3] {
        crate::accepted(program);
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let source = format!("network N(x: [{}1{}]) -> (y: [1]) {{}}", "(".repeat(500), ")".repeat(500));
    crate::rejected(&source, &["1:77 brackets are nested more than 64 deep"]);
}

#[test]
fn long_sums_and_flows_are_no_deep_recursion() {
    let sum = vec!["1"; 50_000].join(" + ");
    crate::accepted(&format!("const N: usize = {sum}; network M(x: [N]) -> (y: [1]) {{ let y = x -> Dense(1); }}"));
    let flow = "-> relu ".repeat(20_000);
    crate::accepted(&format!("network M(x: [1]) -> (y: [1]) {{ let y = x {flow}; }}"));
}
