using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A had an address, B gets it in the same run. Whoever comes first, both end right; where nobody gives it up, the refusal stands at once.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_address_moves_between_people(StorageDatabase database) : DrainFixture(database)
{
    private string _address = null!;

    [SetUp]
    public async Task Give_everybody_an_address()
    {
        _address = $"{Unique("x")}@example.test";
        await AppendAsync(Profile(People[2], "{}", 1, _address), Profile(People[0], "{}", 1, "a." + _address));
        Options.ClaimSize = 1;
        Options.FirstRetryDelay = TimeSpan.FromMinutes(1);
        Vendor.Deliver = batch => Task.FromResult(new Receipt { Outcomes = [.. batch.Items.Select(Answer)] });
    }

    [Test]
    public async Task Should_wait_until_the_other_one_has_given_it_up()
    {
        await AppendAsync(Profile(People[2], "{}", 2, "new." + _address), Profile(People[0], "{}", 2, _address));
        await DrainAsync();
        Clock.Now += TimeSpan.FromMinutes(5);
        await DrainAsync();
        Assert.That(await OutcomeAsync(People[2]), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
        Assert.That(await OutcomeAsync(People[0]), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0", "AddMember 1", "AddMember 2", "AddMember 0" }), "the new owner came first");
        await AssertBalancedAsync(Run);
    }

    [Test]
    public async Task Should_be_refused_at_once_when_nobody_gives_it_up()
    {
        await AppendAsync(Profile(People[0], "{}", 2, _address));
        await DrainAsync();
        Assert.That(await OutcomeAsync(People[0]), Is.EqualTo((LedgerOutcome.Rejected, "taken")));
        Assert.That(Sent, Has.Exactly(1).EqualTo("AddMember 0"));
    }

    [Test]
    public async Task Should_be_refused_in_the_end_when_it_is_not_given_up_after_all()
    {
        await AppendAsync(Profile(People[2], "{}", 2, "new." + _address), Profile(People[0], "{}", 2, _address));
        Vendor.Deliver = batch => Task.FromResult(new Receipt { Outcomes = [.. batch.Items.Select(item => item.Key == People[0] ? Taken(item) : AcmeConnector.Told(item, Outcome.RetryLater) with { Code = "busy" })] });
        for (var attempt = 0; attempt < Options.MaxAttempts; attempt++)
        {
            await DrainAsync();
            Clock.Now += TimeSpan.FromMinutes(10);
        }

        Assert.That(await OutcomeAsync(People[0]), Is.EqualTo((LedgerOutcome.Rejected, "taken")));
    }

    [TestCase("key_collision")]
    [TestCase("hubspot_email_of_another_contact")]
    public void Should_say_what_to_do_when_it_is_refused(string code) => Assert.That(
        IntegrationHub.Hub.DeadLetters.DeadLetterAdvice.For(new DeadLetterView(1, Run, "crm", "customers", 1, "upsert_profile", LedgerOutcome.Rejected, code, 1, Noon, null)),
        Does.Contain("merge them").And.Contain("sync start customers --destination crm"));

    private RecordOutcome Answer(BatchItem item) =>
        item.Key == People[0] && !Vendor.Delivered.SelectMany(batch => batch.Items).Any(sent => sent.Key == People[2]) ? Taken(item) : AcmeConnector.Told(item, Outcome.Delivered);

    private static RecordOutcome Taken(BatchItem item) => AcmeConnector.Told(item, Outcome.Rejected) with { Code = "taken", IsTaken = true };
}
