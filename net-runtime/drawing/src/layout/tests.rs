use super::*;

const SIZE: Size = Size { width: 100.0, height: 40.0, room: 0.0 };

fn edges(pairs: &[(usize, usize)]) -> Vec<Edge> {
    pairs.iter().map(|&(from, to)| Edge { from, to, source: from, labels: (0.0, 0.0) }).collect()
}

/// What must hold of every layout.
fn check(sizes: &[Size], edges: &[Edge]) -> Layout {
    let layout = layout(sizes, edges);
    let inside = |rect: &Rect| {
        rect.left >= 0.0 && rect.top >= 0.0 && rect.right() <= layout.width && rect.bottom() <= layout.height
    };
    assert!(layout.boxes.iter().all(inside));
    for (index, one) in layout.boxes.iter().enumerate() {
        for other in &layout.boxes[index + 1..] {
            let apart = one.right() < other.left
                || other.right() < one.left
                || one.bottom() < other.top
                || other.bottom() < one.top;
            assert!(apart, "boxes overlap: {one:?} {other:?}");
        }
    }
    for (edge, route) in edges.iter().zip(&layout.routes) {
        if edge.from == edge.to {
            assert!(route.is_empty());
            continue;
        }
        let heights: Vec<f64> = route.iter().flat_map(|passage| [passage.enter, passage.leave]).collect();
        let downwards = edge.from < edge.to;
        assert!(
            heights.windows(2).all(|pair| if downwards { pair[0] < pair[1] + 1e-6 } else { pair[0] > pair[1] - 1e-6 }),
            "the edge turns round: {heights:?}"
        );
        let (first, last) = (&route[0], &route[route.len() - 1]);
        let (from, to) = (&layout.boxes[edge.from], &layout.boxes[edge.to]);
        assert_eq!(
            (first.enter, last.leave),
            if downwards { (from.bottom(), to.top) } else { (from.top, to.bottom()) }
        );
        assert!(from.left < first.x && first.x < from.right() && to.left < last.x && last.x < to.right());
        // A passage is a vertical line; what lies between two of them lies between two ranks.
        for (number, rect) in
            layout.boxes.iter().enumerate().filter(|&(number, _)| number != edge.from && number != edge.to)
        {
            for passage in route {
                let (top, bottom) = (passage.enter.min(passage.leave), passage.enter.max(passage.leave));
                let beside =
                    passage.x < rect.left || passage.x > rect.right() || bottom < rect.top || top > rect.bottom();
                assert!(beside, "an edge runs through box {number}");
            }
        }
    }
    for (number, route) in layout.routes.iter().enumerate().filter(|(_, route)| route.len() > 3) {
        for pair in route[1..route.len() - 1].windows(2).filter(|pair| pair[0].x != pair[1].x) {
            assert!(
                layout.routes.iter().any(|other| crosses(pair, other)),
                "edge {number} turns aside without need: {route:?}"
            );
        }
    }
    layout
}

/// Whether an edge runs through the same gap between two ranks, from the other side to the other side.
fn crosses(pair: &[Passage], other: &[Passage]) -> bool {
    let mut segments = other.windows(2).map(|other| match other[0].leave < other[1].enter {
        true => (&other[0], &other[1]),
        false => (&other[1], &other[0]),
    });
    let down = if pair[0].leave < pair[1].enter { (&pair[0], &pair[1]) } else { (&pair[1], &pair[0]) };
    // The gap lies between the ends of both.
    let gap =
        |segment: (&Passage, &Passage)| (segment.0.enter.max(segment.0.leave), segment.1.enter.min(segment.1.leave));
    segments.any(|segment| {
        gap(segment) == gap(down) && (segment.0.x < down.0.x) != (segment.1.x < down.1.x) && segment.0.x != down.0.x
    })
}

#[test]
fn a_chain_runs_straight_down() {
    let layout = check(&[SIZE; 4], &edges(&[(0, 1), (1, 2), (2, 3)]));
    assert!(layout.boxes.iter().all(|rect| (rect.center() - layout.boxes[0].center()).abs() < 1e-6));
    assert!(layout.boxes.windows(2).all(|pair| pair[0].bottom() < pair[1].top));
}

#[test]
fn a_skip_passes_beside_the_boxes_it_skips() {
    let layout = check(&[SIZE; 5], &edges(&[(0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (1, 4)]));
    let skip = &layout.routes[4];
    assert_eq!(skip.len(), 5);
    assert!(skip[1..4].windows(2).all(|pair| pair[0].x == pair[1].x), "{skip:?}");
}

#[test]
fn long_edges_are_straight_beside_each_other() {
    // A dense block: every box reads all before it.
    let pairs: Vec<(usize, usize)> = (1..8).flat_map(|to| (0..to).map(move |from| (from, to))).collect();
    let layout = check(&[SIZE; 8], &edges(&pairs));
    for route in layout.routes.iter().filter(|route| route.len() > 3) {
        assert!(route[1..route.len() - 1].windows(2).all(|pair| pair[0].x == pair[1].x), "{route:?}");
    }
}

#[test]
fn boxes_that_only_feed_each_other_stand_exactly_below_each_other() {
    let wide = Size { width: 260.0, ..SIZE };
    let sizes = [SIZE, wide, SIZE, SIZE, wide, SIZE, SIZE];
    let layout = check(&sizes, &edges(&[(0, 1), (1, 2), (0, 3), (3, 4), (4, 5), (2, 6), (5, 6)]));
    for (upper, lower) in [(1, 2), (3, 4), (4, 5)] {
        assert_eq!(layout.boxes[upper].center(), layout.boxes[lower].center());
    }
}

#[test]
fn a_short_branch_starts_next_to_where_it_ends() {
    let layout = check(&[SIZE; 6], &edges(&[(0, 2), (2, 3), (3, 5), (1, 4), (4, 5)]));
    assert_eq!(layout.boxes[4].top, layout.boxes[3].top);
    assert_eq!(layout.boxes[1].top, layout.boxes[2].top);
}

#[test]
fn two_branches_stand_side_by_side_in_the_order_of_declaration() {
    let layout = check(&[SIZE; 6], &edges(&[(0, 1), (0, 3), (1, 2), (3, 4), (2, 5), (4, 5)]));
    assert_eq!(layout.boxes[1].top, layout.boxes[3].top);
    assert!(layout.boxes[1].left < layout.boxes[3].left);
    let middle = (layout.boxes[1].center() + layout.boxes[3].center()) / 2.0;
    assert!((layout.boxes[0].center() - middle).abs() < 1.0 && (layout.boxes[5].center() - middle).abs() < 1.0);
}

#[test]
fn circles_loops_and_parallel_edges_are_drawn_too() {
    let looped = Size { room: 40.0, ..SIZE };
    let all = edges(&[(0, 1), (1, 2), (2, 1), (1, 1), (1, 3), (1, 3), (2, 3)]);
    let layout = check(&[SIZE, looped, SIZE, SIZE], &all);
    assert_eq!(layout.routes[2].len(), 2);
}

#[test]
fn edges_of_one_source_leave_together_and_enter_apart() {
    let parallel = [
        Edge { from: 0, to: 1, source: 7, labels: (0.0, 0.0) },
        Edge { from: 0, to: 1, source: 7, labels: (0.0, 0.0) },
        Edge { from: 0, to: 1, source: 8, labels: (0.0, 0.0) },
    ];
    let layout = check(&[SIZE; 2], &parallel);
    let leave: Vec<f64> = layout.routes.iter().map(|route| route[0].x).collect();
    let enter: Vec<f64> = layout.routes.iter().map(|route| route[1].x).collect();
    assert!(leave[0] == leave[1] && leave[1] < leave[2]);
    assert!(enter[0] < enter[1] && enter[1] < enter[2]);
}

#[test]
fn labelled_ends_keep_the_labels_apart() {
    let wide = Size { width: 300.0, ..SIZE };
    let labelled = |from, to| Edge { from, to, source: from, labels: (0.0, 40.0) };
    let layout = check(&[SIZE, SIZE, wide], &[labelled(0, 2), labelled(1, 2)]);
    assert!(layout.routes[1][1].x - layout.routes[0][1].x >= 40.0);
}

#[test]
fn boxes_nearly_below_each_other_are_joined_by_a_straight_line() {
    let wider = Size { width: 106.0, ..SIZE };
    let layout = check(&[SIZE, SIZE, SIZE, wider, wider], &edges(&[(0, 1), (0, 2), (1, 3), (2, 4)]));
    for route in &layout.routes[2..] {
        assert_eq!(route[0].x, route[1].x);
    }
}

#[test]
fn nothing_and_one_box_have_a_layout() {
    check(&[], &[]);
    check(&[SIZE], &[]);
}

#[test]
fn any_graph_keeps_its_boxes_apart() {
    // A small generator of its own: the same graphs on every run.
    let mut state = 1_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below) as usize
    };
    for _ in 0..200 {
        let count = 2 + draw(20);
        let sizes: Vec<Size> = (0..count)
            .map(|_| Size { width: 40.0 + draw(200) as f64, height: 20.0 + draw(80) as f64, room: draw(40) as f64 })
            .collect();
        let edges: Vec<Edge> = (0..draw(40))
            .map(|_| (draw(count as u64), draw(count as u64)))
            .map(|(from, to)| Edge { from, to, source: from, labels: (0.0, 0.0) })
            .collect();
        check(&sizes, &edges);
    }
}
