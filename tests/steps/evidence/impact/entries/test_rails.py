"""Rails beside its routes: templates, what stands around actions, jobs with who enqueues and schedules them, rake tasks."""

from release_harness.steps.evidence.impact.entries import rails
from release_harness.steps.evidence.impact.entries.contract import Discovery
from release_harness.steps.evidence.impact.graph import Node
from release_harness.steps.evidence.impact.link.linked import Linked, link_sources
from release_harness.steps.evidence.model.impact import Confidence

HIGH, MEDIUM = Confidence.HIGH, Confidence.MEDIUM

BASE = {
    "app/controllers/application_controller.rb": "class ApplicationController < ActionController::Base\n  after_action :clean\n  def clean\n    1\n  end\nend\n",
    "app/models/application_record.rb": "class ApplicationRecord < ActiveRecord::Base\nend\n",
}


def linked(files: dict[str, str]) -> tuple[Linked, Discovery]:
    """Return some files linked, and what Rails is found to have in them."""
    tree = link_sources({**BASE, **files}, [rails.FRAMEWORK])
    return tree, rails.FRAMEWORK.assemble(tree.registrations[rails.FRAMEWORK.name], tree.program)


def sure(files: dict[str, str], target: str, seed: str) -> tuple[Confidence, bool] | None:
    """Return how sure the best way from a target to a seed is, and whether it runs later; None where there is none."""
    tree, discovery = linked(files)
    found = tree.graph((discovery,)).reaching([seed], [Node(target)])
    return next(((each.confidence, each.asynchronous) for each in found.values()), None)


STORIES = {
    "config/routes.rb": 'Rails.application.routes.draw do\n  resources :stories\n  get "/about" => "pages#about"\nend\n',
    "app/controllers/stories_controller.rb": (
        "class StoriesController < ApplicationController\n  before_action :find_story, only: [:show]\n"
        '  after_action only: [:create] do\n    refill @story\n  end\n  def show\n    render "detail"\n  end\n'
        "  def create\n    @story.publish\n  end\n  def refill(story)\n    1\n  end\n"
        "  def find_story\n    @story = Story.find(params[:id])\n  end\nend\n"
    ),
    "app/controllers/pages_controller.rb": "class PagesController < ApplicationController\nend\n",
    "app/models/story.rb": (
        "class Story < ApplicationRecord\n  belongs_to :user\n  has_many :comments\n  after_create :announce\n"
        "  scope :recent, -> { where(old: false) }\n  def publish\n    comments.each { |c| c.hide }\n  end\n"
        "  def announce\n    1\n  end\n  def self.listed\n    where(a: 1).recent\n  end\nend\n"
    ),
    "app/models/comment.rb": "class Comment < ApplicationRecord\n  def hide\n    1\n  end\nend\n",
    "app/models/post.rb": "class Post < ApplicationRecord\n  def hide\n    1\n  end\n  def publish\n    1\n  end\n  scope :recent, -> { 1 }\nend\n",
    "app/views/stories/detail.html.erb": '<%= render "form" %>\n<p>\n<%= time_ago(@story) %>\n</p>\n',
    "app/views/stories/_form.html.erb": "<%# a note %>\n<p>Hello</p>\n",
    "app/views/pages/about.html.erb": "<p>About</p>\n",
    "app/views/layouts/application.html.erb": "<html><%= yield %></html>\n",
    "app/helpers/times_helper.rb": "module TimesHelper\n  def time_ago(story)\n    1\n  end\nend\n",
}


def test_a_route_without_a_method_and_without_a_template_is_no_entry_point() -> None:
    """`resources` draws seven routes; what nothing answers is no way into the product."""
    _, discovery = linked(STORIES)
    assert {each.name: each.handler for each in discovery.entries} == {
        "GET /about": "app/views/pages/about.html.erb:<view>",
        "GET /stories/{id}": "app/controllers/stories_controller.rb:StoriesController.show",
        "POST /stories": "app/controllers/stories_controller.rb:StoriesController.create",
    }


def test_templates_partials_and_helpers_are_on_the_way_of_an_action() -> None:
    """What users see is written in templates; a change of one of them has to reach the page."""
    show = "app/controllers/stories_controller.rb:StoriesController.show"
    assert sure(STORIES, show, "app/views/stories/detail.html.erb:<view>") == (HIGH, False)
    assert sure(STORIES, show, "app/views/stories/_form.html.erb:<view>") == (HIGH, False)
    assert sure(STORIES, show, "app/helpers/times_helper.rb:TimesHelper.time_ago") == (HIGH, False)


def test_filters_settings_and_layouts_stand_around_the_actions_that_they_name() -> None:
    """`after_action only: [:create]` concerns one action; telling it of all of them hides which."""
    _, discovery = linked(STORIES)
    around = {
        (each.symbol.rpartition(":")[2], each.reason): sorted(each.entries or ())
        for each in discovery.around
        if each.symbol.startswith("app/")
    }
    assert around["StoriesController.<after_action>", "filter after actions"] == ["http POST /stories"]
    assert around["StoriesController.find_story", "filter before actions"] == ["http GET /stories/{id}"]
    assert len(around["ApplicationController.clean", "filter after actions"]) == 3
    assert len(around["<view>", "layout"]) == 3


def test_queries_associations_and_instance_variables_say_their_class() -> None:
    """Ruby declares no type; what a record is found by, and what a model declares, tells it as surely."""
    create = "app/controllers/stories_controller.rb:StoriesController.create"
    assert sure(STORIES, create, "app/models/story.rb:Story.publish") == (HIGH, False)
    assert sure(STORIES, create, "app/models/post.rb:Post.publish") is None
    assert sure(STORIES, "app/models/story.rb:Story.listed", "app/models/story.rb:Story.recent") == (HIGH, False)
    assert sure(STORIES, "app/models/story.rb:Story.listed", "app/models/post.rb:Post.recent") is None


def test_a_method_that_a_setting_names_is_run_by_the_class() -> None:
    """Callbacks of models are named by symbols."""
    find = "app/controllers/stories_controller.rb:StoriesController.find_story"
    assert sure(STORIES, find, "app/models/story.rb:Story.announce") == (MEDIUM, False)


JOBS = {
    "app/jobs/application_job.rb": "class ApplicationJob < ActiveJob::Base\nend\n",
    "app/jobs/mail_job.rb": "class MailJob < ApplicationJob\n  queue_as :default\n  def perform(id)\n    Mail.send_one(id)\n  end\nend\n",
    "app/models/mail.rb": "class Mail\n  def self.send_one(id)\n    1\n  end\n  def self.sweep!\n    2\n  end\nend\n",
    "app/models/order.rb": "class Order\n  def pay\n    MailJob.set(wait: 1).perform_later(1)\n  end\n  def pay_all\n    ActiveJob.perform_all_later(ids.map { |id| MailJob.new(id) })\n  end\nend\n",
    "config/recurring.yml": 'production:\n  mail:\n    class: MailJob\n    schedule: every hour\n  sweep:\n    command: "Mail.sweep!"\n    schedule: at 5am\n',
    "lib/tasks/mail.rake": 'namespace :mail do\n  task sweep: :environment do\n    Mail.sweep!\n  end\nend\nRake::Task["assets:precompile"].enhance do\n  Mail.sweep!\nend\n',
}


def test_a_job_is_reached_later_by_whoever_enqueues_it() -> None:
    """The route that enqueues a job runs it, only not now."""
    for name in ("pay", "pay_all"):
        assert sure(JOBS, f"app/models/order.rb:Order.{name}", "app/models/mail.rb:Mail.send_one") == (HIGH, True)


def test_the_settings_of_a_job_are_on_its_way() -> None:
    """A changed queue or concurrency key changes how the job runs."""
    seed = "app/jobs/mail_job.rb:MailJob.<queue_as default>"
    assert sure(JOBS, "app/jobs/mail_job.rb:MailJob.perform", seed) == (HIGH, False)


def test_recurring_jobs_and_rake_tasks_are_entry_points_of_their_own() -> None:
    """What runs by the clock has no caller in the code."""
    _, discovery = linked(JOBS)
    assert {(each.kind, each.name, each.handler.partition(":")[2]) for each in discovery.entries} == {
        ("task", "MailJob", "MailJob.perform"),
        ("schedule", "mail every hour", "MailJob.perform"),
        ("schedule", "sweep at 5am", "Mail.sweep!"),
        ("cli", "rake mail:sweep", "<task mail_sweep>"),
        ("cli", "rake assets:precompile", "<task assets_precompile>"),
    }
    sweep = "lib/tasks/mail.rake:<task mail_sweep>"
    assert sure(JOBS, sweep, "app/models/mail.rb:Mail.sweep!") == (HIGH, False)


def test_middleware_of_the_repository_stands_around_every_route() -> None:
    """A class that is put into the stack runs before any controller."""
    files = {
        **STORIES,
        "config/initializers/reject.rb": "class Reject\n  def call(env)\n    1\n  end\nend\nRails.application.config.middleware.insert_after Other, Reject\n",
    }
    _, discovery = linked(files)
    found = next(each for each in discovery.around if each.reason == "Rack middleware")
    assert found.symbol == "config/initializers/reject.rb:Reject.call"
    assert len(found.entries or ()) == 3
    assert any(each.symbol == "config/initializers/reject.rb:" and each.entries is None for each in discovery.around)
