//! The binary. Everything is in the library; see `cli`.

fn main() -> std::process::ExitCode {
    yiqi::cli::run()
}
