use super::*;

const A: Slot = Slot { offset: 0, len: 3 };
const B: Slot = Slot { offset: 16, len: 2 };

fn forward(arena: &mut Arena, mode: Mode, samples: usize) {
    arena.begin_forward(mode, samples, 32, Groups::NONE).unwrap();
    arena.end_forward(mode);
}

#[test]
fn a_smaller_batch_uses_the_first_part_and_a_larger_one_grows_the_memory() {
    let mut arena = Arena::new(2, 32, Groups::NONE, 0);
    forward(&mut arena, Mode::Inference, 1);
    assert_eq!(arena.tensors([A, B]).map(|t| t.len()), [3, 2]);
    forward(&mut arena, Mode::Inference, 5);
    assert_eq!(arena.tensors([A, B]).map(|t| t.len()), [15, 10]);
}

#[test]
fn runs_of_steps_see_a_group_of_samples_and_the_others_all() {
    // `A` and `C` are there for the batch, `G` and `H` for a group.
    let [c, g, h] = [16, 32, 48].map(|offset| Slot { offset, len: 3 });
    const RUNS: &[GroupedRun] = &[GroupedRun { samples: 3, floats: 32 }, GroupedRun { samples: 5, floats: 16 }];
    let groups = Groups { runs: RUNS, from: 32 };
    let mut arena = Arena::new(0, 32, Groups::NONE, 0);
    // Seven samples are groups of 3, 3 and 1, eight of 3, 3 and 2, six of 3 and 3, four of 2 and 2, and in the second run of 4 and 3 and so on.
    let all: [(usize, &[usize], &[usize]); 6] = [
        (7, &[3, 3, 1], &[4, 3]),
        (8, &[3, 3, 2], &[4, 4]),
        (6, &[3, 3], &[3, 3]),
        (4, &[2, 2], &[4]),
        (2, &[2], &[2]),
        (0, &[0], &[0]),
    ];
    // In a part of a batch as in a batch: three of four samples are one group, which needs more room than the two of two of all.
    for (samples, laid_out, first, second) in
        all.map(|(n, first, second)| (n, n, first, second)).into_iter().chain([(3, 4, &[3][..], &[3][..])])
    {
        arena.begin_forward(Mode::Inference, laid_out, 32, groups).unwrap();
        arena.narrow(samples);
        for (expected, own) in [(first, &[g, h][..]), (second, &[g])] {
            let mut sizes = Vec::new();
            while let Some(group) = arena.next_group() {
                assert_eq!(group.len(), arena.samples());
                for &own in own {
                    let [x, own] = arena.tensors([A, own]);
                    assert_eq!(own.len(), 3 * group.len());
                    own.fill(1.0);
                    x.chunks_exact_mut(3).zip(group.clone()).for_each(|(x, sample)| x.fill(sample as f32));
                }
                sizes.push(group.len());
            }
            assert_eq!(sizes, expected);
            let all: Vec<f32> = (0..samples).flat_map(|sample| [sample as f32; 3]).collect();
            assert_eq!((arena.tensor(A), arena.tensor(c).len()), (&*all, 3 * samples));
            arena.tensors([A])[0].fill(0.0);
        }
        arena.widen();
        arena.end_forward(Mode::Inference);
    }
    // Without groups there is one, in every run.
    arena.begin_forward(Mode::Training, 7, 64, Groups::NONE).unwrap();
    for _ in 0..3 {
        assert_eq!((arena.next_group(), arena.tensor(g).len()), (Some(0..7), 21));
        assert_eq!((arena.next_group(), arena.samples()), (None, 7));
    }
    // What a pass that failed has left is nothing.
    arena.begin_forward(Mode::TrainingWeights, 7, 32, groups).unwrap();
    arena.next_group();
    arena.begin_forward(Mode::Training, 7, 64, Groups::NONE).unwrap();
    assert_eq!((arena.samples(), arena.tensor(g).len()), (7, 21));
}

#[test]
fn backward_must_follow_its_own_forward() {
    let mut arena = Arena::new(2, 32, Groups::NONE, 1);
    assert!(arena.begin_backward(1, false).unwrap_err().to_string().contains("forward"));
    forward(&mut arena, Mode::Inference, 1);
    assert!(arena.begin_backward(1, false).unwrap_err().to_string().contains("Mode::Training"));
    forward(&mut arena, Mode::Training, 2);
    assert!(arena.begin_backward(1, false).unwrap_err().to_string().contains("number of samples"));
    arena.begin_backward(2, false).unwrap();
    assert!(arena.begin_backward(2, false).unwrap_err().to_string().contains("used up"));
}

#[test]
fn a_forward_pass_that_did_not_end_left_nothing() {
    let mut arena = Arena::new(2, 32, Groups::NONE, 1);
    forward(&mut arena, Mode::Training, 1);
    arena.begin_forward(Mode::Training, 1, 32, Groups::NONE).unwrap();
    assert!(arena.mode().is_err());
    assert!(arena.begin_backward(1, false).is_err());
}

#[test]
fn gradients_of_several_readers_add_up_and_none_is_zero() {
    let gradient = GradientSlot { slot: A, index: 0 };
    let mut arena = Arena::new(1, 32, Groups::NONE, 1);
    forward(&mut arena, Mode::Training, 1);
    arena.tensors([A])[0].fill(f32::NAN);
    arena.begin_backward(1, false).unwrap();
    assert!(!arena.has(gradient) && arena.gradient(gradient).is_none());
    arena.receive(gradient, &[1.0, 2.0, 3.0]);
    arena.receive(gradient, &[1.0, 1.0, 1.0]);
    assert_eq!(arena.gradient(gradient), Some(&[2.0, 3.0, 4.0][..]));
    forward(&mut arena, Mode::Training, 1);
    arena.begin_backward(1, false).unwrap();
    arena.finish_gradient(gradient);
    assert_eq!(arena.tensor(A), [0.0; 3]);
}
