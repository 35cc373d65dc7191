use net_runtime::prelude::*;

network! {
    network Digits(image: [28, 28, 1]) -> (class: [10]) {
        let seen = image
            -> Conv2d(32, kernel_size = 3, strides = 2, use_bias = false, activation = relu)
            -> Conv2d(32, 3, dilation_rate = 2)
            -> MaxPool2d(pool_size = 2)
            -> leaky_relu(negative_slope = 0.1)
            -> Reshape(target_shape = 4);
        let class = seen -> Flatten -> Dense(units = 10, activation = softmax, input_shape = 64);
    }
}

fn main() {}
