// Every task says where it runs: a label for those who look from outside, a variable for the task itself.

export class SiteLabels {
  initialize(_marathonInfo, { site }) {
    this.site = site
  }

  taskInfo(_app, task) {
    task.labels.site = this.site
    task.environment.SITE = this.site
  }

  taskGroup(pod, executor, tasks) {
    executor.labels.site = this.site
    for (const task of tasks) this.taskInfo(pod, task)
  }
}
