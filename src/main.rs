//! The binary. Everything is in the library; see `cli`.

/// Rows come and go through the driver by the hundred thousand; the C library's allocator kept what each thread had once needed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    yiqi::cli::run()
}
