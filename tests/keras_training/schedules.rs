//! Every schedule of the learning rate, at every step that was asked for.

use net_runtime::optimizers::Schedule;

use tests_common::keras::answers::Answers;
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

/// The schedules of the cases; `optimizers` trains by them too.
pub fn schedules() -> [(&'static str, Schedule); 13] {
    [
        ("piecewise", Schedule::piecewise([3, 7], [0.1, 0.01, 0.001])),
        ("exponential", Schedule::exponential(0.1, 4, 0.5).into()),
        ("exponential_staircase", Schedule::exponential(0.1, 4, 0.5).staircase().into()),
        ("cosine", Schedule::cosine(0.1, 20).into()),
        ("cosine_alpha", Schedule::cosine(0.1, 20).alpha(0.1).into()),
        ("cosine_warmup", Schedule::cosine(0.0, 20).alpha(0.1).warmup(0.1, 5).into()),
        ("cosine_warmup_from", Schedule::cosine(0.02, 10).warmup(0.1, 3).into()),
        ("restarts", Schedule::cosine_restarts(0.1, 4).into()),
        ("restarts_even", Schedule::cosine_restarts(0.1, 7).longer(1.0).lower(0.5).alpha(0.1).into()),
        ("polynomial", Schedule::polynomial(0.1, 20).into()),
        ("polynomial_cycle", Schedule::polynomial(0.1, 10).end(0.01).power(2.0).cycle().into()),
        ("inverse_time", Schedule::inverse_time(0.1, 4, 0.5).into()),
        ("inverse_time_staircase", Schedule::inverse_time(0.1, 4, 0.5).staircase().into()),
    ]
}

#[test]
fn every_rate_is_as_in_keras() {
    let answers = Answers::read("schedules");
    let all = schedules();
    harness::assert_all_compared("schedules", &all.each_ref().map(|(name, _)| *name));
    for (name, schedule) in all {
        for rate in answers.case(name).at("rates").list() {
            let pair = rate.list();
            let found = schedule.at(pair[0].count() as u64);
            pair[1].check_number(f64::from(found), Tolerance::ELEMENTWISE);
        }
    }
}
