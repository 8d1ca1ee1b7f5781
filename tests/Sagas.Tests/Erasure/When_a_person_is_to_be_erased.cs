using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;

namespace Sagas.Tests.Erasure;

internal sealed class When_a_person_is_to_be_erased
{
    private ErasureStory _story = null!;

    [SetUp]
    public async Task BeginAsync() => _story = await ErasureStory.BeginAsync();

    [TearDown]
    public async Task EndAsync() => await _story.DisposeAsync();

    [Test]
    public async Task Should_go_from_the_request_to_the_last_look()
    {
        await _story.GoToAsync(ErasurePhase.Rechecking);
        Assert.That(_story.Timeouts.Single<ErasureLookElapsed>().Due, Is.EqualTo(ErasureStory.Noon.AddMinutes(3).AddDays(7).UtcDateTime));
        await _story.ElapseAsync<ErasureLookElapsed>();
        await _story.SendAsync(new DestinationsRechecked { RequestId = _story.RequestId, Round = 1, At = _story.Clock.GetUtcNow() });
        Assert.That(_story.Timeouts.Single<ErasureLookElapsed>().Due, Is.EqualTo(ErasureStory.Noon.AddMinutes(3).AddDays(30).UtcDateTime));
        await _story.ElapseAsync<ErasureLookElapsed>();
        await _story.SendAsync(new DestinationsRechecked { RequestId = _story.RequestId, Round = 2, At = _story.Clock.GetUtcNow() });

        Assert.Multiple(() =>
        {
            Assert.That(_story.State, Is.EqualTo(ErasurePhase.Completed));
            Assert.That(_story.Row.FinishedAt, Is.EqualTo(_story.Clock.GetUtcNow()));
            Assert.That(_story.Said<RecheckDestinations>().Select(look => look.Round), Is.EqualTo(new[] { 1, 2 }));
            Assert.That(_story.Said<SuppressPerson>(), Has.Count.EqualTo(1));
            Assert.That(_story.Said<EraseAtDestinations>(), Has.Count.EqualTo(1));
            Assert.That(_story.Said<EraseOwnTables>(), Has.Count.EqualTo(1));
            Assert.That(_story.Timeouts.Pending, Is.Empty);
        });
    }

    [TestCase(ErasureLaw.Gdpr, 31)]
    [TestCase(ErasureLaw.Ccpa, 45)]
    public async Task Should_raise_the_alarm_when_half_of_the_time_is_over(string law, int days)
    {
        await _story.RequestAsync(law, needsApproval: true);
        Assert.That(_story.Row.Deadline, Is.EqualTo(ErasureStory.Noon.AddDays(days)));
        await _story.ElapseAsync<ErasureHalfTimeElapsed>();
        Assert.That(_story.Row.AlarmedAt, Is.EqualTo(ErasureStory.Noon.AddDays(days / 2.0)));
        Assert.That(_story.State, Is.EqualTo(ErasurePhase.AwaitingApproval));
    }

    [Test]
    public async Task Should_do_nothing_before_somebody_agreed()
    {
        await _story.RequestAsync(needsApproval: true);
        Assert.That(_story.Said<SuppressPerson>(), Is.Empty);
        await _story.SendAsync(new ApproveErasure { RequestId = _story.RequestId, By = "person:ben", At = ErasureStory.Noon });
        Assert.That((_story.State, _story.Row.DecidedBy, _story.Said<SuppressPerson>().Count), Is.EqualTo((ErasurePhase.Suppressing, "person:ben", 1)));
    }

    [TestCase(ErasurePhase.Suppressing, nameof(SuppressPerson))]
    [TestCase(ErasurePhase.ErasingDestinations, nameof(EraseAtDestinations))]
    [TestCase(ErasurePhase.ErasingOwn, nameof(EraseOwnTables))]
    public async Task Should_ask_again_for_a_step_that_nobody_answered_or_that_was_postponed(string state, string step)
    {
        await _story.GoToAsync(state);
        await _story.ElapseAsync<ErasureLookElapsed>();
        var until = _story.Clock.GetUtcNow().AddHours(1);
        await _story.SendAsync(new ErasureStepPostponed { RequestId = _story.RequestId, Step = step, Until = until, WaitingFor = "the vendor" });
        Assert.That((_story.Row.WaitingFor, _story.Timeouts.Single<ErasureLookElapsed>().Due), Is.EqualTo(("the vendor", until.UtcDateTime)));
        await _story.ElapseAsync<ErasureLookElapsed>();
        Assert.That(_story.State, Is.EqualTo(state));
        Assert.That(_story.SaidCount, Is.GreaterThanOrEqualTo(3), "on entering, after the silence, after the pause");
    }

    [TestCase(ErasurePhase.AwaitingApproval)]
    [TestCase(ErasurePhase.Suppressing)]
    [TestCase(ErasurePhase.ErasingDestinations)]
    [TestCase(ErasurePhase.ErasingOwn)]
    [TestCase(ErasurePhase.Rechecking)]
    [TestCase(ErasurePhase.Completed)]
    [TestCase(ErasurePhase.CompletedWithIssues)]
    [TestCase(ErasurePhase.Refused)]
    public async Task Should_be_unmoved_by_messages_that_come_late_or_twice(string state)
    {
        await _story.GoToAsync(state);
        var (row, said, timeouts) = (_story.RowAsText, _story.SaidCount, _story.Timeouts.Pending);
        await _story.SendAsync(new RequestErasure { RequestId = _story.RequestId, Law = ErasureLaw.Ccpa, Reason = "again", SubjectHash = "x", By = "y", At = ErasureStory.Noon.AddDays(1) });
        await Unless(ErasurePhase.AwaitingApproval, new ApproveErasure { RequestId = _story.RequestId, By = "late", At = ErasureStory.Noon });
        await Unless(ErasurePhase.AwaitingApproval, new RefuseErasure { RequestId = _story.RequestId, By = "late", At = ErasureStory.Noon });
        await Unless(ErasurePhase.Suppressing, new PersonSuppressed { RequestId = _story.RequestId, At = ErasureStory.Noon.AddDays(2) });
        await Unless(ErasurePhase.ErasingDestinations, new DestinationsErased { RequestId = _story.RequestId, At = ErasureStory.Noon.AddDays(2), WithIssues = true });
        await Unless(ErasurePhase.ErasingOwn, new OwnTablesErased { RequestId = _story.RequestId, At = ErasureStory.Noon.AddDays(2) });
        await _story.SendAsync(new DestinationsRechecked { RequestId = _story.RequestId, Round = 99, At = ErasureStory.Noon });
        await _story.SendAsync(new ErasureStepPostponed { RequestId = _story.RequestId, Step = "another", Until = ErasureStory.Noon.AddDays(9), WaitingFor = "x" });

        Assert.Multiple(() =>
        {
            Assert.That(_story.RowAsText, Is.EqualTo(row));
            Assert.That(_story.SaidCount, Is.EqualTo(said));
            Assert.That(_story.Timeouts.Pending, Is.EqualTo(timeouts));
        });

        Task Unless<T>(string expecting, T message)
            where T : class => state == expecting ? Task.CompletedTask : _story.SendAsync(message);
    }

    [Test]
    public async Task Should_end_with_issues_when_a_destination_could_not_delete()
    {
        await _story.GoToAsync(ErasurePhase.CompletedWithIssues);
        Assert.That(_story.Row.WithIssues, Is.True);
    }
}
