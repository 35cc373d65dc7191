//! Every part is done once, by one owner, and threads are asked where they pay.

use super::*;

#[test]
fn the_pool_is_entered_if_that_is_wanted_and_once() {
    let here = || (std::thread::current().id(), rayon::current_thread_index().is_some());
    assert_eq!(enter(false, here), here());
    let (inside, again) = enter(true, || (here(), enter(true, here)));
    assert_eq!(inside.1, rayon::current_num_threads() > 1, "one thread has nothing to enter");
    assert_eq!(inside, again);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| assert_eq!(enter(true, here), here(), "the caller's own pool is left"));
}

#[test]
fn what_pays_is_more_outside_of_the_pool() {
    assert!(!pays(ENTER - 1));
    assert_eq!(pays(ENTER), rayon::current_num_threads() > 1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(pool.install(|| [pays(FORK - 1), pays(FORK)]), [false, true]);
}

#[test]
fn every_part_and_its_scratch_have_one_owner() {
    for threads in [false, true] {
        let mut values = [0.0; 10];
        let mut scratch = [0.0; 12];
        let boundary = |part: usize| (part * 3).min(10);
        for_each_part(threads, 4, &boundary, &mut values, (&mut scratch, 3), &|part, values, scratch| {
            values.iter_mut().for_each(|value| *value += part as f32);
            scratch.iter_mut().for_each(|value| *value += part as f32);
        });
        assert_eq!(values, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0]);
        assert_eq!(scratch, [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0]);
    }
}

#[test]
fn tiles_cover_a_matrix_once() {
    let mut values = vec![0.0; 7 * 5];
    let matrix = ArrayViewMut2::from_shape((7, 5), &mut values).unwrap();
    let tiles = Tiles { matrix, at: [0, 0], block: [3, 4] };
    assert_eq!(tiles.count(), 6);
    tiles.for_each(true, &|[row, column], mut tile| {
        tile.indexed_iter_mut().for_each(|((i, j), value)| *value += ((row + i) * 5 + column + j) as f32);
    });
    assert!(values.iter().enumerate().all(|(i, &value)| value == i as f32));
}

#[test]
fn pieces_cover_all_slices_alike() {
    for len in [0, 1, ELEMENTS, ELEMENTS + 1, 10 * ELEMENTS + 7] {
        let mut first = vec![0.0; len];
        let mut second = vec![1.0; len];
        for_each_piece([&mut first, &mut second], &|begin, [first, second]| {
            for (index, (first, second)) in first.iter_mut().zip(second).enumerate() {
                *first += (begin + index) as f32;
                *second += (begin + index) as f32;
            }
        });
        assert!(first.iter().zip(&second).enumerate().all(|(i, (a, b))| *a == i as f32 && *b == i as f32 + 1.0));
    }
}

#[test]
fn every_piece_is_asked_once() {
    for len in [0, 5, ELEMENTS + 1, 10 * ELEMENTS + 7] {
        let values: Vec<f32> = (0..len).map(|index| index as f32).collect();
        let sum = |values: &[f32]| values.iter().map(|value| *value as u64).sum::<u64>();
        assert_eq!(reduce_pieces(&values, &sum, &|a, b| a + b), sum(&values));
    }
}

#[test]
fn rows_stay_whole() {
    for rows in [1, 1000, 20_000] {
        let mut values = vec![0.0; rows * 7];
        for_each_rows(&mut values, 7, |first, part| {
            part.chunks_exact_mut(7).enumerate().for_each(|(i, row)| row.fill((first + i) as f32));
        });
        assert!(values.iter().enumerate().all(|(i, &value)| value == (i / 7) as f32));
    }
    for_each_rows(&mut [], 7, |_, _| unreachable!());
}
