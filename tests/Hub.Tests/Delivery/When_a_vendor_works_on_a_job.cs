using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A job is started once, followed by whoever holds the lease, and told to the row.</summary>
public sealed class When_a_vendor_works_on_a_job : DeliveryFixture
{
    private string _audience = null!;
    private string _name = null!;
    private Guid _run;
    private Lease _lease = null!;
    private AcmeConnector _connector = null!;
    private Destination _destination = null!;

    [SetUp]
    public async Task Plan_a_run()
    {
        (_audience, _name) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(_audience, "full", 0, [.. Enumerable.Range(0, 5).Select(_ => Unique("p"))]);
        _run = await StartRunAsync(_audience, destination: _name);
        await PlanAsync(_run, _audience, destination: _name);
        _lease = await LeaseAsync(destination: _name);
        _connector = new AcmeConnector();
        _destination = Acme.Destination(_connector, name: _name, audience: _audience);
        Clock.Now = Noon;
    }

    [TearDown]
    public async Task Close() => await _destination.DisposeAsync();

    [Test]
    public async Task Should_hold_first_attempts_only()
    {
        await SettleAsync(_lease, [Later((await ClaimAsync(_lease, 1))[0], 0)]);
        await StartJobAsync(people: 4);
    }

    /// <summary>Before each batch the vendor is read, or what was written is looked up, which nobody does for a file.</summary>
    [TestCase(FieldMutability.FillEmpty)]
    [TestCase(FieldMutability.WriteOnce)]
    public async Task Should_not_be_started_where_a_field_stays_as_it_is(object mutability)
    {
        await _destination.DisposeAsync();
        _destination = Acme.Destination(
            _connector, name: _name, audience: _audience,
            extra: [new FieldMapping { From = "title", To = "title", Type = MappedType.Text, Mutability = (FieldMutability)mutability, Classification = FieldClassification.Personal }]);
        Assert.That((await TurnAsync(), _connector.Started.Count), Is.EqualTo((BulkTurn.None, 0)));
    }

    [Test]
    public async Task Should_not_be_written_down_by_an_instance_that_lost_the_lease()
    {
        _connector.AfterLook = () => LeaseAsync("two", destination: _name);
        await StartJobAsync(people: 5);
        Assert.That(await JobAsync(), Is.Null);
    }

    [Test]
    public async Task Should_take_nobody_for_an_instance_that_lost_the_lease_before()
    {
        await LeaseAsync("two", destination: _name);
        await TurnAsync();
        Assert.That(_connector.Started.SelectMany(batch => batch.Items), Is.Empty);
        Assert.That(await JobAsync(), Is.Null);
    }

    [Test]
    public async Task Should_be_looked_at_only_when_it_is_time_and_never_be_started_twice()
    {
        await StartJobAsync(people: 5);
        Assert.That((await TurnAsync(), _connector.Asked), Is.EqualTo((BulkTurn.Waiting, (List<string>)[])));
        foreach (var looks in new[] { 1, 2 })
        {
            Clock.Now += AcmeConnector.Limits.PollInterval;
            Assert.That(await TurnAsync(), Is.EqualTo(BulkTurn.Waiting));
            Assert.That(await TurnAsync(), Is.EqualTo(BulkTurn.Waiting));
            Assert.That(_connector.Asked, Has.Count.EqualTo(looks));
        }

        Assert.That(_connector.Started, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_settle_what_it_brought_and_retry_what_it_does_not_mention()
    {
        await StartJobAsync(people: 5);
        _connector.Follow = batch => new Receipt { Outcomes = [.. batch.Items.Skip(2).Select(item => AcmeConnector.Told(item, Outcome.Delivered))] };
        Assert.That(await LookAsync(), Is.EqualTo(BulkTurn.Settled));
        Assert.That((await RunAsync(_run)).Counts, Has.Property("Delivered").EqualTo(3).And.Property("Pending").EqualTo(2));
        Assert.That((await ClaimAsync(_lease, minute: 10)).Select(delivery => delivery.Attempt), Is.EqualTo(new[] { 1, 1 }));
        Assert.That(await JobAsync(), Is.Null);
        Assert.That((await TurnAsync(), _connector.Started.Count), Is.EqualTo((BulkTurn.None, 1)), "what failed goes one batch at a time");
    }

    [Test]
    public async Task Should_say_of_every_row_what_was_left_out_of_it()
    {
        (_audience, _name) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(await LoadAsync(_audience, "full", 0, [.. Enumerable.Range(0, 3).Select(number => new StagedMember(number + 2, Unique("p"), null, null, number == 0 ? """{"gender":"f"}""" : "{}", true))]));
        _run = await StartRunAsync(_audience, destination: _name);
        await PlanAsync(_run, _audience, destination: _name);
        _lease = await LeaseAsync(destination: _name);
        await _destination.DisposeAsync();
        _destination = Acme.Destination(_connector, name: _name, audience: _audience, extra: [new FieldMapping { From = "gender", To = "sex", Type = MappedType.Text, Classification = FieldClassification.Sensitive }]);
        _connector.Follow = batch => new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.Delivered))] };
        await StartJobAsync(people: 3);
        Assert.That(await LookAsync(), Is.EqualTo(BulkTurn.Settled));
        Assert.That(await TextAsync("SELECT CAST(count(*) AS text) FROM outcomes WHERE run_id = @run AND code = 'withheld_sex'", ("run", _run)), Is.EqualTo("1"), "of the one who has the value");
    }

    [Test]
    public async Task Should_release_every_row_when_it_failed()
    {
        await StartJobAsync(people: 5);
        _connector.Follow = batch => new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.RetryLater))] };
        await LookAsync();
        Assert.That(await JobAsync(), Is.Null);
        Assert.That((await ClaimAsync(_lease, minute: 10)).Select(delivery => delivery.Attempt), Is.EqualTo(new[] { 1, 1, 1, 1, 1 }));
        Assert.That((await TurnAsync(), _connector.Started.Count), Is.EqualTo((BulkTurn.None, 1)));
    }

    [Test]
    public async Task Should_be_given_up_when_it_takes_too_long()
    {
        await StartJobAsync(people: 5);
        Clock.Now += Options.LongestVendorJob - AcmeConnector.Limits.PollInterval;
        Assert.That(await LookAsync(), Is.EqualTo(BulkTurn.Waiting));
        Assert.That(await LookAsync(), Is.EqualTo(BulkTurn.Settled));
        Assert.That(await JobAsync(), Is.Null);
        Clock.Now += TimeSpan.FromMinutes(10);
        _lease = await LeaseAsync("one", destination: _name);
        Assert.That((await TurnAsync(), _connector.Started.Count), Is.EqualTo((BulkTurn.None, 1)), "its records go one batch at a time");
        Assert.That((await ClaimAsync(_lease, minute: 60 * 25)).Select(delivery => delivery.Attempt), Is.EqualTo(new[] { 1, 1, 1, 1, 1 }));
    }

    [Test]
    public async Task Should_be_looked_at_until_its_end_after_it_was_given_up()
    {
        await StartJobAsync(people: 5);
        Clock.Now += Options.LongestVendorJob;
        Assert.That(await LookAsync(), Is.EqualTo(BulkTurn.Settled));
        var looks = _connector.Asked.Count;
        Assert.That((await TurnAsync(), _connector.Asked.Count), Is.EqualTo((BulkTurn.None, looks)));
        foreach (var follow in new Func<Batch, Receipt?>[] { _ => null, _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "http_503")) })
        {
            _connector.Follow = follow;
            Clock.Now += GivenUpJobs.BetweenLooks;
            Assert.That((await TurnAsync(), await TurnAsync(), _connector.Asked.Count), Is.EqualTo((BulkTurn.None, BulkTurn.None, ++looks)));
            Assert.That(await JobsAsync(), Is.EqualTo(1));
        }

        _connector.Follow = batch => new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.Delivered))] };
        Clock.Now += GivenUpJobs.BetweenLooks;
        await TurnAsync();
        Assert.That((await JobsAsync(), await CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{_name}' AND in_doubt")), Is.EqualTo((0, 5)));
    }

    [Test]
    public async Task Should_be_taken_for_ended_when_the_vendor_has_forgotten_it()
    {
        await StartJobAsync(people: 5);
        Clock.Now += Options.LongestVendorJob;
        await LookAsync();
        Clock.Now += TimeSpan.FromDays(8);
        var looks = _connector.Asked.Count;
        await TurnAsync();
        Assert.That((await JobsAsync(), _connector.Asked.Count), Is.EqualTo((0, looks)));
    }

    [Test]
    public async Task Should_be_followed_to_its_end_when_jobs_were_turned_off_since()
    {
        await StartJobAsync(people: 5);
        _connector.BulkOperations = new Dictionary<Operation, BulkLimits>();
        Options.Bulk = false;
        try
        {
            Assert.That(await LookAsync(), Is.EqualTo(BulkTurn.Waiting));
            _connector.Follow = batch => new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.Delivered))] };
            Clock.Now += TimeSpan.FromMinutes(1);
            Assert.That(await LookAsync(), Is.EqualTo(BulkTurn.Settled));
            Assert.That((await RunAsync(_run)).Counts, Has.Property("Delivered").EqualTo(5));
        }
        finally
        {
            Options.Bulk = true;
        }
    }

    /// <summary>The connector says what calls bring; a job that took longer is the last one for a while.</summary>
    [TestCase(1, true)]
    [TestCase(0.01, true)]
    [TestCase(100, false)]
    [TestCase(0, true, Description = "jobs are wanted for another reason than speed")]
    public async Task Should_be_chosen_only_while_jobs_are_no_slower_than_calls(double recordsOfCalls, bool job)
    {
        var experience = new BulkExperience(Clock);
        _connector.BulkOperations = new Dictionary<Operation, BulkLimits> { [Operation.AddMember] = AcmeConnector.Limits with { CallsPace = recordsOfCalls / 60 } };
        Assert.That(await BulkDrain(experience).TakeTurnAsync(_destination, _lease, CancellationToken.None), Is.EqualTo(BulkTurn.Waiting), "nothing was measured yet");
        _connector.Follow = batch => new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.NotSent))] };
        Clock.Now += AcmeConnector.Limits.PollInterval;
        _lease = await LeaseAsync("one", destination: _name);
        await BulkDrain(experience).TakeTurnAsync(_destination, _lease, CancellationToken.None);

        Clock.Now += TimeSpan.FromMinutes(30);
        _lease = await LeaseAsync("one", destination: _name);
        Assert.That(await BulkDrain(experience).TakeTurnAsync(_destination, _lease, CancellationToken.None), Is.EqualTo(job ? BulkTurn.Waiting : BulkTurn.None));
        Assert.That(_connector.Started, Has.Count.EqualTo(job ? 2 : 1));
    }

    [Test]
    public async Task Should_be_kept_while_the_vendor_cannot_be_asked()
    {
        await StartJobAsync(people: 5);
        _connector.Follow = _ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unavailable, "http_503"));
        Assert.That(await LookAsync(), Is.EqualTo(BulkTurn.Waiting));
        Assert.That((await JobAsync())!.PollAt, Is.EqualTo(Clock.Now + AcmeConnector.Limits.PollInterval));
        Assert.That((await ClaimAsync(_lease, minute: 10)).Select(delivery => delivery.Attempt), Is.EqualTo(new[] { 0, 0, 0, 0, 0 }));
    }

    [Test]
    public async Task Should_not_be_settled_by_an_instance_that_lost_the_lease()
    {
        await StartJobAsync(people: 5);
        _connector.Follow = batch => new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.Delivered))] };
        var late = _lease;
        _lease = await LeaseAsync("two", destination: _name);
        Clock.Now += AcmeConnector.Limits.PollInterval;
        Assert.That(await BulkDrain().TakeTurnAsync(_destination, late, CancellationToken.None), Is.EqualTo(BulkTurn.Waiting));
        Assert.That(await JobAsync(), Is.Not.Null);
        Assert.That(await TurnAsync(), Is.EqualTo(BulkTurn.Settled));
        Assert.That((await RunAsync(_run)).Counts.Delivered, Is.EqualTo(5));
    }

    /// <summary>Each turn is that of an instance which has just started and knows nothing but the database.</summary>
    private Task<BulkTurn> TurnAsync() => BulkDrain().TakeTurnAsync(_destination, _lease, CancellationToken.None);

    private async Task StartJobAsync(int people)
    {
        Assert.That(await TurnAsync(), Is.EqualTo(BulkTurn.Waiting));
        Assert.That(_connector.Started.Single().Items, Has.Count.EqualTo(people));
    }

    private Task<BulkTurn> LookAsync()
    {
        Clock.Now += AcmeConnector.Limits.PollInterval;
        return TurnAsync();
    }

    private Task<long> JobsAsync() => CountAsync($"SELECT count(*) FROM bulk_jobs WHERE destination = '{_name}'");

    private Task<BulkJob?> JobAsync() => ReadAsync(db => Jobs.FindAsync(db, _name, Bulk, 0, CancellationToken.None));
}
