//! `CategoryEncoding`: whole numbers as zeros and ones.

use net_runtime::prelude::*;

use tests_common::keras::answers::Answers;
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

network! {
    network Net(one_hot: u32[4], one_hot_of_one: u32[1], multi_hot: u32[6], count: u32[9])
        -> (each: [4, 5], one: [5], all: [5], counted: [5]) {
        let each = one_hot -> CategoryEncoding(5, mode = one_hot);
        let one = one_hot_of_one -> CategoryEncoding(5, mode = one_hot);
        let all = multi_hot -> CategoryEncoding(5);
        let counted = count -> CategoryEncoding(5, mode = count);
    }
}

#[test]
fn rows_are_as_in_keras() -> Result<(), Error> {
    let answers = Answers::read("encodings");
    let x = |case: &str| answers.case(case).at("given").at("x");
    let (one_hot, one, multi_hot, count) = (
        harness::batch(&x("one_hot")),
        harness::batch(&x("one_hot_of_one")),
        harness::batch(&x("multi_hot")),
        harness::batch(&x("count")),
    );
    let inputs = NetInputs {
        one_hot: one_hot.view(),
        one_hot_of_one: one.view(),
        multi_hot: multi_hot.view(),
        count: count.view(),
    };
    let found = Net::new(0).predict(inputs)?;
    let check = |case: &str, found: &[f32]| answers.case(case).at("output").check(found, Tolerance::EXACT);
    check("one_hot", found.each.data());
    check("one_hot_of_one", found.one.data());
    check("multi_hot", found.all.data());
    check("count", found.counted.data());
    Ok(())
}

#[test]
fn every_case_is_compared() {
    harness::assert_all_compared("encodings", &["one_hot", "one_hot_of_one", "multi_hot", "count"]);
}
