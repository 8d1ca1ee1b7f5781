using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>What a backfill may not write again, and what it cannot take back, is left as it is; the others are written and taken back.</summary>
[TestFixture(StorageDatabase.Sqlite)]
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_a_backfill_meets_what_stays(StorageDatabase database) : BackfillFixture(database)
{
    /// <summary>A run writes a field once as any other record does, and what it takes back it may write again.</summary>
    [Test]
    public async Task Should_write_once_what_is_written_once_and_take_back_its_own_alone()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, extra: [new FieldMapping { From = "nickname", To = Nick, Type = MappedType.Text, Mutability = FieldMutability.WriteOnce, Classification = FieldClassification.Personal }]);
        Knows(0);
        var first = await PlanAsync(Attributes(Town, Nick));
        await DeliverAsync();
        await EndAsync(first);
        Assert.That(Shows(0), Is.EqualTo(("Rome", "new")));

        Vendor.Set(People[0], Nick, "mine");
        Vendor.Set(People[0], Town, "Oslo");
        await EndAsync(await DeliverRunAsync(Attributes(Town, Nick)));
        Assert.That(Shows(0), Is.EqualTo(("Rome", "mine")), "written before, whatever is there now");

        Vendor.Set(People[0], Nick, "new");
        await EndAsync(await RollBackAsync(first));
        Assert.That((Shows(0).Nick, await CountAsync($"SELECT count(*) FROM written_fields WHERE destination = '{Name}'")), Is.EqualTo(("old", 0L)), "as if it had not been written");

        await DeliverRunAsync(Attributes(Town, Nick));
        Assert.That(Shows(0).Nick, Is.EqualTo("new"));
    }

    /// <summary>Elements are added to what is there; taken back is what is there still as the run left it.</summary>
    [TestCase("new;old", "old")]
    [TestCase("mine;new;old", "mine;new;old", Description = "somebody added one since")]
    public async Task Should_add_what_is_only_added_and_take_back_its_own_alone(string since, string back)
    {
        await Destination.DisposeAsync();
        Vendor.AddsWith = ';';
        Destination = Acme.Destination(Vendor, name: Name, extra: [new FieldMapping { From = "nickname", To = Nick, Type = MappedType.Text, Mutability = FieldMutability.AppendOnly, Classification = FieldClassification.Personal }]);
        Knows(0, 1);
        Vendor.Set(People[1], Nick, "x;new");
        var run = await DeliverRunAsync(Attributes(Nick));
        await EndAsync(run);
        Assert.That((Shows(0).Nick, Shows(1).Nick), Is.EqualTo(("old;new", "x;new")));
        Assert.That(await OutcomeAsync(run, 1), Is.EqualTo((LedgerOutcome.Unchanged, (string?)null)), "it has all that would be added");

        Vendor.Set(People[0], Nick, since);
        await EndAsync(await RollBackAsync(run));
        Assert.That((Shows(0).Nick, Shows(1).Nick), Is.EqualTo((back, "x;new")));
    }

    [Test]
    public async Task Should_not_write_what_only_comes_in_from_there()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(
            Vendor, name: Name, extra: [new FieldMapping { From = "nickname", To = Nick, Type = MappedType.Text, Classification = FieldClassification.Personal }],
            ownership: new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["nickname"] = new("crm", ConflictRule.Newest) { Directions = Directions.Unsaid with { Everywhere = Direction.In } } }));
        Knows(0);
        await DeliverRunAsync(Attributes(Town, Nick));
        Assert.That(Shows(0), Is.EqualTo(("Rome", "old")));
    }

    /// <summary>What was sealed of one person was damaged: they stay as they are, and the others are taken back.</summary>
    [Test]
    public async Task Should_take_back_nothing_of_whose_image_does_not_open()
    {
        Knows(0, 1);
        var run = await PlanAsync(Attributes(Town));
        await DeliverAsync();
        await EndAsync(run);
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "UPDATE before_images SET fields = '\"sealed:1:\"' WHERE destination = @name AND profile_id = (SELECT profile_id FROM profiles WHERE external_id = @person)", CancellationToken.None, ("name", Name), ("person", People[0]));
        });
        var back = await RollBackAsync(run);
        Assert.That((Shows(0).Town, Shows(1).Town), Is.EqualTo(("Rome", "Paris")));
        Assert.That((await OutcomeAsync(back, 0), await OutcomeAsync(back, 1)), Is.EqualTo(((LedgerOutcome.Rejected, QuietWriting.ImageUnreadable), (LedgerOutcome.Delivered, (string?)null))));
    }

    private async Task<Guid> DeliverRunAsync(BackfillScope scope)
    {
        var run = await PlanAsync(scope);
        await DeliverAsync();
        return run;
    }

    private Task EndAsync(Guid run) => MoveAsync(run, RunState.Completed);

    private async Task<Guid> RollBackAsync(Guid run)
    {
        var back = await PlanAsync(new BackfillScope(BackfillKind.Rollback, RollsBack: run));
        await DeliverAsync();
        return back;
    }
}
