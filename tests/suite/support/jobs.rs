//! Running jobs as the scheduler does.

use super::TestApp;

impl TestApp {
    /// Runs a job at the application's instant; gives its report as text, such as `delivered=1`.
    pub async fn run_job(&self, name: &str) -> String {
        self.try_job(name).await.unwrap().to_string()
    }

    /// The same; a job that fails gives its reason.
    pub async fn try_job(&self, name: &str) -> Result<yiqi::scheduler::Report, String> {
        self.scheduler().unwrap().run_by_hand(name, self.clock.now()).await
    }

    /// Runs every job that is due at the application's instant, as a look-round does.
    pub async fn run_due_jobs(&self) {
        let scheduler = self.scheduler().unwrap();
        for job in scheduler.jobs() {
            scheduler.run_due(job, self.clock.now()).await;
        }
    }
}
