//! What editors get: a token at the place of every name that the user has written, and all types of a program that is
//! only half typed.

use std::collections::BTreeSet;

use net_compiler::errors::Errors;
use net_compiler::{parse, resolve, shapes};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

const PROGRAM: &str = "
const CLASSES: usize = 5 * 2;
const TWICE: usize = CLASSES + CLASSES;
extern const config::WIDTH = 16;
extern network models::Pair as Two(left: [4], right: [4]) -> (sum: [4]);
extern layer own::Gate as Gated(signal: [4], gate: [4]) -> (gated: [4]);

block residual(x, const N) {
    let main = x -> Conv2d(N, 3, padding = same) -> relu -> Conv2d(N, 3, padding = same);
    (main, x) -> Add -> relu
}

/// Codes.
pub network Encoder(x: [8]) -> (code: [4], spread: [4]) {
    let code = x -> Dense(4);
    let spread = x -> Dense(4) -> softplus;
}

network Pair(first: [4], second: [4]) -> (sum: [4]) {
    let sum = (first, second) -> Add;
}

pub network Detector(image: [16, WIDTH, 3], other: [8]) -> (class: [CLASSES], location: [4]) {
    layer eye = Conv2d(8, 3, padding = same) -> relu;
    layer dense = Dense(TWICE, bias = false);
    let seen: [8, 8, 8] = image -> eye -> residual(8) -> MaxPool2d(2);
    let features = seen -> GlobalAvgPool2d -> dense -> leaky_relu(0.1);
    let class = (features, other -> dense) -> Concat(axis = features) -> Dense(CLASSES) -> softmax;
    let (code, _) = other -> Encoder;
    let heard = (gate = code, signal = code -> relu) -> Gated;
    let location = (second = code, first = (right = code -> relu, left = heard) -> Two -> tanh) -> Pair;
    loss class: CategoricalCrossentropy(label_smoothing = 0.1) + 0.5 * MeanSquaredError;
    loss location: self::losses::Dice;
    metric class: Accuracy, TopK(2);
    metric location: MeanAbsoluteError;
}";

/// Words of the language, arguments, and what a layer's announcement calls its operands: they stand for nothing in Rust.
const WORDS: [&str; 20] = [
    "const",
    "usize",
    "extern",
    "as",
    "block",
    "let",
    "network",
    "pub",
    "layer",
    "loss",
    "metric",
    "false",
    "padding",
    "same",
    "axis",
    "bias",
    "label_smoothing",
    "signal",
    "gate",
    "gated",
];

type Place = (usize, usize, usize, usize);

fn place(span: proc_macro2::Span) -> Place {
    let (start, end) = (span.start(), span.end());
    (start.line, start.column, end.line, end.column)
}

fn idents(tokens: TokenStream, found: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => found.push(ident),
            TokenTree::Group(group) => idents(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn all_idents(tokens: TokenStream) -> Vec<Ident> {
    let mut found = Vec::new();
    idents(tokens, &mut found);
    found
}

#[test]
fn every_name_has_a_token_at_its_place() {
    let source: TokenStream = PROGRAM.parse().unwrap();
    let expansion: BTreeSet<(String, Place)> = all_idents(net_compiler::compile(source.clone()))
        .into_iter()
        .map(|ident| (ident.to_string(), place(ident.span())))
        .collect();
    let mut missing = Vec::new();
    let mut names = 0;
    for ident in all_idents(source) {
        let (text, at) = (ident.to_string(), place(ident.span()));
        if WORDS.contains(&&*text) || ["doc", "_"].contains(&&*text) {
            continue;
        }
        // The axis of that name, not the value.
        if text == "features" && PROGRAM.lines().nth(at.0 - 1).unwrap()[..at.1].ends_with("axis = ") {
            continue;
        }
        names += 1;
        // `Accuracy` is what the output makes of it, and what is announced what it is at home.
        let text = match &*text {
            "Accuracy" => "CategoricalAccuracy".to_owned(),
            "Two" => "Pair".to_owned(),
            "Gated" => "Gate".to_owned(),
            _ => text,
        };
        if !expansion.contains(&(text.clone(), at)) {
            missing.push(format!("{text} in {}:{}", at.0, at.1));
        }
    }
    assert!(missing.is_empty(), "no token of the expansion stands at {missing:#?}");
    assert!(names > 80, "{names}");
}

#[test]
fn a_value_shows_its_shape_and_its_cost() {
    let code = net_compiler::compile(PROGRAM.parse().unwrap()).to_string();
    for field in [
        "\"`[8, 8, 8]`, 2.00 KB for each sample. Its stages have 1,392 parameters and need 350,208 multiply-adds.\"] seen : \
         :: net_runtime :: Shape3 < 8 , 8 , 8 >",
        "\"`[20]`, 80.00 B for each sample. Its stages have 160 parameters and need 160 multiply-adds.\"] features : :: \
         net_runtime :: Shape1 < 20 >",
        "\"`Conv2d(8, 3, padding = same) -> relu`, 1 use. Its stages have 224 parameters and need 55,296 multiply-adds.\"] \
         eye : ()",
        "\"`[4]`, 16.00 B for each sample. What is announced adds its own.\"] location : :: net_runtime :: Shape1 < 4 >",
    ] {
        assert!(code.contains(field), "{field}\n{code}");
    }
}

/// The names of the types and constants among the items of an expansion, those for editors aside.
fn items(code: TokenStream, what: &str) -> BTreeSet<String> {
    let text = code.to_string();
    let file: syn::File = syn::parse2(code).unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
    let names = file.items.iter().filter_map(|item| match item {
        syn::Item::Struct(item) => Some(&item.ident),
        syn::Item::Enum(item) => Some(&item.ident),
        syn::Item::Const(item) => Some(&item.ident),
        _ => None,
    });
    names.map(ToString::to_string).filter(|name| name != "_").collect()
}

/// Every error has a place in the text.
fn check_places(tokens: TokenStream, what: &str) {
    let whole = place(proc_macro2::Span::call_site());
    let mut errors = Errors::default();
    let block = parse::parse(tokens, &mut errors);
    let mut program = resolve::resolve(&block, &mut errors);
    shapes::shapes(&mut program, &mut errors);
    for message in &*errors.finish() {
        assert_ne!(place(message.span), whole, "{what}: `{}` has no place", message.rendered());
    }
}

/// The bodies of all networks, each as the index of its group.
fn bodies(tokens: &[TokenTree]) -> Vec<usize> {
    let is_network = |index: usize| {
        let before = tokens[..index].iter().rev().take_while(|token| !is_braces(token));
        before.into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "network"))
    };
    (0..tokens.len()).filter(|&index| is_braces(&tokens[index]) && is_network(index)).collect()
}

fn is_braces(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn regroup(group: &Group, content: TokenStream) -> TokenTree {
    let mut new = Group::new(group.delimiter(), content);
    new.set_span(group.span());
    TokenTree::Group(new)
}

/// What comes in the place of a token, and whether what follows stays; `None` where it is left alone.
type Change<'c> = &'c dyn Fn(&TokenTree) -> Option<(Vec<TokenTree>, bool)>;

/// All streams that come from changing one token.
fn changed(tokens: &TokenStream, change: Change<'_>) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut streams = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let (before, after) = (&tokens[..index], &tokens[index + 1..]);
        if let Some((instead, rest_stays)) = change(token) {
            let rest = if rest_stays { after } else { &[] };
            streams.push(before.iter().cloned().chain(instead).chain(rest.iter().cloned()).collect());
        }
        if let TokenTree::Group(group) = token {
            let rest_stays = change(&TokenTree::Ident(Ident::new("x", group.span()))).is_none_or(|(_, stays)| stays);
            for content in changed(&group.stream(), change) {
                let rest = if rest_stays { after } else { &[] };
                let group = regroup(group, content);
                streams.push(before.iter().cloned().chain([group]).chain(rest.iter().cloned()).collect());
            }
        }
    }
    streams
}

/// Calls `check` with every program whose bodies are changed so at one place.
fn for_each_changed(change: Change<'_>, check: impl Fn(TokenStream, TokenStream, &str)) {
    let tokens: Vec<TokenTree> = PROGRAM.parse::<TokenStream>().unwrap().into_iter().collect();
    for index in bodies(&tokens) {
        let TokenTree::Group(body) = &tokens[index] else { unreachable!() };
        for content in changed(&body.stream(), change) {
            let mut program = tokens.clone();
            program[index] = regroup(body, content.clone());
            let network = if bodies(&tokens).last() == Some(&index) { "Detector" } else { "another" };
            let what = format!("{network} {{ {content} }}");
            check(program.into_iter().collect(), content, &what);
        }
    }
}

#[test]
fn a_body_that_ends_anywhere_keeps_every_type() {
    let complete = items(net_compiler::compile(PROGRAM.parse().unwrap()), "complete");
    for_each_changed(&|_| Some((Vec::new(), false)), |program, content, what| {
        check_places(program.clone(), what);
        let found = items(net_compiler::compile(program), what);
        // What comes from the losses is there when one of them is, and Detector alone has some.
        let of_losses = |name: &String| ["DetectorSamples", "DetectorLosses", "DetectorMetrics"].contains(&&**name);
        let losses = content.into_iter().filter(|token| matches!(token, TokenTree::Ident(word) if word == "loss"));
        if what.starts_with("Detector") && losses.count() < 2 {
            let without = |names: BTreeSet<String>| names.into_iter().filter(|name| !of_losses(name)).collect();
            let (found, expected): (BTreeSet<_>, BTreeSet<_>) = (without(found), without(complete.clone()));
            assert_eq!(found, expected, "{what}");
            return;
        }
        assert_eq!(found, complete, "{what}");
    });
}

#[test]
fn a_token_that_is_missing_takes_no_type_with_it() {
    let complete = items(net_compiler::compile(PROGRAM.parse().unwrap()), "complete");
    for_each_changed(&|_| Some((Vec::new(), true)), |program, _, what| {
        check_places(program.clone(), what);
        assert_eq!(items(net_compiler::compile(program), what), complete, "{what}");
    });
}

#[test]
fn a_word_that_is_half_typed_takes_no_type_with_it() {
    let complete = items(net_compiler::compile(PROGRAM.parse().unwrap()), "complete");
    let half = |token: &TokenTree| match token {
        TokenTree::Ident(word) => {
            let text = word.to_string();
            let half = &text[..text.len().div_ceil(2)];
            let known = syn::parse_str::<Ident>(half).is_ok() && half.len() < text.len();
            Some((vec![TokenTree::Ident(Ident::new(if known { half } else { "q" }, word.span()))], true))
        }
        TokenTree::Punct(_) | TokenTree::Literal(_) | TokenTree::Group(_) => None,
    };
    for_each_changed(&half, |program, _, what| {
        check_places(program.clone(), what);
        assert_eq!(items(net_compiler::compile(program), what), complete, "{what}");
    });
}
