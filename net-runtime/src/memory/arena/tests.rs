use super::*;

const A: Slot = Slot { offset: 0, len: 3 };
const B: Slot = Slot { offset: 16, len: 2 };

fn forward(arena: &mut Arena, mode: Mode, samples: usize) {
    arena.begin_forward(mode, samples, 32).unwrap();
    arena.end_forward(mode);
}

#[test]
fn a_smaller_batch_uses_the_first_part_and_a_larger_one_grows_the_memory() {
    let mut arena = Arena::new(2, 32, 0);
    forward(&mut arena, Mode::Inference, 1);
    assert_eq!(arena.tensors([A, B]).map(|t| t.len()), [3, 2]);
    forward(&mut arena, Mode::Inference, 5);
    assert_eq!(arena.tensors([A, B]).map(|t| t.len()), [15, 10]);
}

#[test]
fn the_first_steps_see_a_group_of_samples_and_the_others_all() {
    // `A` and `C` are there for the batch, `G` and `H` for a group.
    let [c, g, h] = [16, 32, 48].map(|offset| Slot { offset, len: 3 });
    let groups = Groups { samples: 3, floats: 32, from: 32 };
    let mut arena = Arena::new(0, 32, 0);
    // Seven samples are groups of 3, 3 and 1, eight of 3, 3 and 2, six of 3 and 3, four of 2 and 2.
    for (samples, expected) in [(7, &[3, 3, 1][..]), (8, &[3, 3, 2]), (6, &[3, 3]), (4, &[2, 2]), (2, &[2]), (0, &[0])]
    {
        arena.begin_forward_in_groups(Mode::TrainingWeights, samples, 32, Some(groups)).unwrap();
        let mut sizes = Vec::new();
        while let Some(group) = arena.next_group() {
            assert_eq!(group.len(), arena.samples());
            let [x, one, two] = arena.tensors([A, g, h]);
            one.fill(1.0);
            two.fill(2.0);
            x.chunks_exact_mut(3).zip(group.clone()).for_each(|(x, sample)| x.fill(sample as f32));
            sizes.push(group.len());
        }
        assert_eq!(sizes, expected);
        arena.end_forward(Mode::TrainingWeights);
        let all: Vec<f32> = (0..samples).flat_map(|sample| [sample as f32; 3]).collect();
        assert_eq!((arena.tensor(A), arena.tensor(c).len()), (&*all, 3 * samples));
    }
    // Without groups there is one.
    arena.begin_forward(Mode::Training, 7, 64).unwrap();
    assert_eq!((arena.next_group(), arena.tensor(g).len()), (Some(0..7), 21));
    assert_eq!((arena.next_group(), arena.samples()), (None, 7));
    // What a pass that failed has left is nothing.
    arena.begin_forward_in_groups(Mode::TrainingWeights, 7, 32, Some(groups)).unwrap();
    arena.next_group();
    arena.begin_forward(Mode::Training, 7, 64).unwrap();
    assert_eq!((arena.samples(), arena.tensor(g).len()), (7, 21));
}

#[test]
fn backward_must_follow_its_own_forward() {
    let mut arena = Arena::new(2, 32, 1);
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
    let mut arena = Arena::new(2, 32, 1);
    forward(&mut arena, Mode::Training, 1);
    arena.begin_forward(Mode::Training, 1, 32).unwrap();
    assert!(arena.mode().is_err());
    assert!(arena.begin_backward(1, false).is_err());
}

#[test]
fn gradients_of_several_readers_add_up_and_none_is_zero() {
    let gradient = GradientSlot { slot: A, index: 0 };
    let mut arena = Arena::new(1, 32, 1);
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
