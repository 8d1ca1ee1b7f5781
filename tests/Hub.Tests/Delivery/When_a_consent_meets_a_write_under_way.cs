using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A consent may be told before the vendor knows the person, or while a write is on its way. In the end the vendor holds it.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_consent_meets_a_write_under_way(StorageDatabase database) : DrainFixture(database)
{
    private readonly HashSet<string> _known = [];

    private Guid Stream => LiveStream.IdOf(Name);

    [SetUp]
    public void Know_whom_the_vendor_has()
    {
        _known.Clear();
        Vendor.Deliver = batch =>
        {
            if (batch.Operation == Operation.AddMember)
            {
                _known.UnionWith(batch.Items.Select(item => item.Key));
            }

            return Task.FromResult(new Receipt
            {
                Outcomes = [.. batch.Items.Select(item => _known.Contains(item.Key)
                    ? AcmeConnector.Told(item, Outcome.Delivered)
                    : AcmeConnector.Told(item, Outcome.Rejected) with { Code = ReasonCode.NotFound })],
            });
        };
    }

    [TestCase("Delivering")]
    [TestCase("Paused")]
    [TestCase("Canceling")]
    public async Task Should_wait_for_somebody_whom_a_run_may_make_known(string state)
    {
        await SetStateAsync(Run, state);
        await DenyAsync(People[1]);
        await DrainAsync(Lane.Urgent);
        Assert.That((await OwedAsync(), await OutcomeAsync(People[1], Stream)), Is.EqualTo((1L, ((string?)null, (string?)null))));

        _known.Add(People[1]);
        Clock.Now += Options.AwaitPerson;
        await DrainAsync(Lane.Urgent);
        Assert.That((await OwedAsync(), await OutcomeAsync(People[1], Stream)), Is.EqualTo((0L, ((string?)LedgerOutcome.Delivered, (string?)null))));
    }

    [Test]
    public async Task Should_be_over_when_nobody_is_about_to_come_and_be_owed_again_when_somebody_does()
    {
        await DenyAsync(People[1]);
        await SetStateAsync(Run, "Completed");
        await DrainAsync(Lane.Urgent);
        Assert.That(await OutcomeAsync(People[1], Stream), Is.EqualTo((LedgerOutcome.Unchanged, ReasonCode.NotFound)));
        Assert.That(await CountAsync($"SELECT count(*) FROM dead_letters WHERE destination = '{Name}'"), Is.Zero, "there is nobody whom the opt-out could protect");

        await AppendAsync(Consent(People[1], "granted", 8));
        await WriteAsync(db => Ledger.RouteConsentsAsync(db, [new ConsentRoute(Name, Acme.Purpose)], partitions: 1, CancellationToken.None));
        await SetStateAsync(Run, "Delivering");
        await DrainAsync();
        Assert.That(Sent, Does.Contain("AddMember 0,1,2"));
        Assert.That(await OwedAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_owed_again_when_it_changed_while_the_write_was_on_its_way()
    {
        var answer = Vendor.Deliver;
        Vendor.Deliver = async batch =>
        {
            if (batch.Operation == Operation.AddMember)
            {
                await DenyAsync(People[1]);
                await DrainAsync(Lane.Urgent);
                await CountAsync($"SELECT count(*) FROM deliveries WHERE destination = '{Name}'");
            }

            return await answer(batch);
        };
        await DrainAsync();
        Clock.Now += Options.AwaitPerson;
        Vendor.Delivered.Clear();
        await DrainAsync(Lane.Urgent);
        Assert.That(Vendor.Delivered.SelectMany(batch => batch.Items).Select(item => (item.Key, item.Consent!.MarketingEmail)).Distinct(), Is.EqualTo(new[] { (People[1], (bool?)false) }));
        Assert.That(await OutcomeAsync(People[1], Stream), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
    }

    [Test]
    public async Task Should_be_owed_to_nobody_whose_consent_is_as_it_was()
    {
        await DrainAsync();
        Assert.That(await OwedAsync(), Is.Zero);
    }

    [TestCase("Delivering")]
    [TestCase("Canceled")]
    public async Task Should_reach_the_vendor_after_a_job_that_has_the_person_in_it(string state)
    {
        Options.Bulk = true;
        await DrainAsync();
        Assert.That(Vendor.Started, Has.Count.EqualTo(1));
        if (state == "Canceled")
        {
            await WriteAsync(db => Deliveries.CancelAsync(db, Run, 100, Noon, CancellationToken.None));
            await SetStateAsync(Run, "Canceled");
        }

        await DenyAsync(People[1]);
        await DrainAsync(Lane.Urgent);
        Assert.That(await OwedAsync(), Is.EqualTo(1), "the vendor does not know the person yet");

        Vendor.Follow = batch => Told(batch, Outcome.Delivered);
        _known.UnionWith(People);
        Clock.Now += AcmeConnector.Limits.PollInterval;
        Assert.That((await ReadAsync(db => Deliveries.FindWorkAsync(db, null, Clock.Now, CancellationToken.None))).Select(work => work.Destination), Does.Contain(Name));
        await DrainAsync();
        Assert.That(await MembershipsAsync(People[1], "is_member AND added_by_hub"), Is.EqualTo(1), "the vendor has made the person a member: the hub knows");

        Vendor.Delivered.Clear();
        await DrainAsync(Lane.Urgent);
        Assert.That(Vendor.Delivered.SelectMany(batch => batch.Items).Select(item => item.Key).Distinct(), Is.EqualTo(new[] { People[1] }));
        Assert.That(await OwedAsync(), Is.Zero);
    }
}
