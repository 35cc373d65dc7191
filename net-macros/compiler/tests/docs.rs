//! The documentation that the struct of a network gets: the user's, the table, the picture.

use proc_macro2::TokenStream;
use syn::parse::Parser;

const STEREO: &str = "
    /// Distance of every pixel, from two cameras.
    pub network Stereo(left: [12, 16, 3], right: [12, 16, 3]) -> (distance: [12, 16, 1], code: [4]) {
        layer eye = Conv2d(8, 3, padding = same) -> relu -> Conv2d(16, 3, padding = same);
        let both = (left -> eye, right -> eye) -> Concat(axis = width);
        let distance = both -> Conv2d(1, 1, stride = (1, 2)) -> relu -> leaky_relu(0.1);
        let (_, code) = both -> GlobalAvgPool2d -> Encoder;
    }
    network Encoder(x: [16]) -> (mean: [4], code: [4]) {
        let mean = x -> Dense(4);
        let code = x -> Dense(4, bias = false) -> tanh;
    }";

/// The parts of a struct's documentation, each with whether it is for rustdoc alone.
fn docs(source: &str, name: &str) -> Vec<(bool, String)> {
    let item = item(source, name);
    let text = |value: &syn::Expr| match value {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => text.value(),
        _ => panic!("documentation is text"),
    };
    let mut docs = Vec::new();
    for attribute in &item.attrs {
        match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => docs.push((false, text(&pair.value))),
            syn::Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let parse = |input: syn::parse::ParseStream<'_>| {
                    let condition: syn::Ident = input.parse()?;
                    assert_eq!(condition, "doc");
                    input.parse::<syn::Token![,]>()?;
                    input.parse::<syn::MetaNameValue>()
                };
                docs.push((true, text(&parse.parse2(list.tokens.clone()).unwrap().value)));
            }
            _ => {}
        }
    }
    docs
}

fn item(source: &str, name: &str) -> syn::ItemStruct {
    let code: TokenStream = net_compiler::compile(source.parse().unwrap());
    let file: syn::File = syn::parse2(code).unwrap();
    let found = file.items.into_iter().find_map(|item| match item {
        syn::Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    });
    found.expect("a struct of this name")
}

#[test]
fn the_table_and_the_picture_follow_what_the_user_wrote() {
    let docs = docs(STEREO, "Stereo");
    let [(false, own), (false, layers), (true, diagram)] = &*docs else { panic!("{docs:#?}") };
    assert_eq!(own, " Distance of every pixel, from two cameras.");
    let expected = include_str!("docs/stereo.md");
    assert!(*layers == *expected, "found\n{layers}\nexpected\n{expected}");
    assert!(diagram.starts_with("\n# Diagram\n\n<div style=\"overflow-x:auto\">\n<svg "), "{diagram}");
    assert!(diagram.ends_with("</svg>\n</div>\n"), "{diagram}");
    let picture = diagram.split_once("\n\n<div").unwrap().1;
    // An empty line would end the HTML and begin Markdown.
    assert!(!picture.trim_end().contains("\n\n") && picture.contains("role=\"img\"") && picture.contains("<title>"));
    for name in ["left", "eye", "both_concat", "distance_conv2d", "code_encoder", "distance", "code"] {
        assert!(picture.contains(&format!(">{name}</text>")), "{name}");
    }
}

#[test]
fn what_the_user_has_not_documented_is_documented_for_rustdoc_alone() {
    let docs = docs(STEREO, "Encoder");
    assert_eq!(docs.iter().map(|(rustdoc, _)| *rustdoc).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn a_public_network_links_to_no_private_one() {
    let layers = |source: &str| docs(source, "Stereo")[1].1.clone();
    assert!(layers(STEREO).contains("| `Encoder` |"));
    assert!(layers(&STEREO.replace("network Encoder", "pub network Encoder")).contains("| [`Encoder`](Encoder) |"));
    assert!(layers(&STEREO.replace("pub network", "pub(crate) network")).contains("| [`Encoder`](Encoder) |"));
}

#[test]
fn a_stage_links_to_its_own_page_whatever_computes_it() {
    let stages = [
        "LayerNorm(center = false, scale = false)",
        "GroupNorm(2, center = false, scale = false)",
        "Normalization(mean = 1, variance = 2)",
        "GroupQueryAttention(heads = 4, key_heads = 2, key_dim = 2)",
        "AdditiveAttention(scale = false)",
    ];
    let source = format!(
        "pub network Net(x: [6, 4]) -> (y: [6, 6]) {{ let z = x -> {}; let y = (z, x) -> Matmul(transpose_b = true); }}",
        stages.join(" -> ")
    );
    let [_, (_, layers), ..] = &*docs(&format!("/// A net.\n{source}"), "Net") else { panic!() };
    for stage in stages.iter().chain(&["Matmul("]) {
        let (name, _) = stage.split_once('(').unwrap();
        assert!(layers.contains(&format!("](::net_runtime::layers::{name})")), "{name} in {layers}");
    }
}

#[test]
fn a_very_large_network_has_a_table_but_no_picture() {
    let mut source = "/// Deep.\nnetwork Deep(x: [4]) -> (y: [4]) { let y = x".to_owned();
    source.push_str(&" -> Dense(4) -> relu".repeat(150));
    source.push_str("; }");
    let docs = docs(&source, "Deep");
    assert_eq!(docs[1].1.matches("](::net_runtime::layers::Dense)").count(), 150);
    assert!(docs[2].1.contains("too large for a picture here; `Deep::plot(\"deep.svg\")` draws it"), "{}", docs[2].1);
}

#[test]
fn a_network_with_errors_has_the_documentation_of_the_user_alone() {
    assert_eq!(docs("/// Wrong.\nnetwork Wrong(x: [4]) -> (y: [4]) { let y = x -> Dens(4); }", "Wrong").len(), 1);
}

#[test]
fn every_field_tells_what_goes_in_and_out() {
    let item = item(STEREO, "Stereo");
    let texts: Vec<String> = item
        .fields
        .iter()
        .flat_map(|field| &field.attrs)
        .map(|attribute| quote::quote!(#attribute).to_string())
        .collect();
    assert_eq!(
        texts,
        [
            "# [doc = \"`Conv2d(8, 3, padding = same)`, `[12, 16, 3]` → `[12, 16, 8]`, 2 uses: kernel `[3, 3, 3, 8]`, bias \
             `[8]`; 224 parameters.\"]",
            "# [doc = \"`Conv2d(16, 3, padding = same)`, `[12, 16, 8]` → `[12, 16, 16]`, 2 uses: kernel `[3, 3, 8, 16]`, \
             bias `[16]`; 1,168 parameters.\"]",
            "# [doc = \"`Conv2d(1, 1, stride = (1, 2))`, `[12, 32, 16]` → `[12, 16, 1]`: kernel `[1, 1, 16, 1]`, bias `[1]`; \
             17 parameters.\"]",
            "# [doc = \"The inner network [`Encoder`], `[16]` → `[4]`, `[4]`.\"]",
        ]
    );
}
