//! What comes out is Rust, whatever goes in: rustc would stop at what is none, and tell nothing of what is wrong.

/// The number of errors of a program, whose code is read by a parser of Rust.
fn errors(source: &str) -> usize {
    let code = net_compiler::compile(source.parse().unwrap()).to_string();
    if let Err(error) = syn::parse_str::<syn::File>(&code) {
        panic!("no Rust: {error}\n{source}\n{code}");
    }
    code.matches("compile_error").count()
}

#[test]
fn names_of_announced_items_may_be_raw() {
    let raw = "extern const sizes::r#type = 2; extern network models::r#match(x: [2]) -> (y: [2]);
               network N(x: [r#type]) -> (y: [2]) { layer twice = r#match; let y = x -> r#match -> twice; }";
    assert_eq!(errors(raw), 0);
}

#[test]
fn paths_with_words_of_rust_are_told_and_no_more() {
    for stage in
        ["a::Self(2)", "Self::A(2)", "crate::b(3)", "super::Self", "a::super(n = a::Self(b))", "a::crate::self"]
    {
        assert!(errors(&format!("network N(x: [2]) -> (y: [2]) {{ let y = x -> {stage}; }}")) > 0, "{stage}");
        let head =
            format!("network N(x: [2]) -> (y: [2]) {{ let y = x -> Dense(2); loss y: {stage}; metric y: {stage}; }}");
        // A loss of one's own is what rustc finds at its path.
        errors(&head);
    }
}
