using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Shadows;

/// <summary>While the two change places, at a hub that has not heard of it.</summary>
public sealed partial class When_a_source_shadows_another
{
    /// <summary>The hub that has not heard of the change reads what comes by the version in force: nothing of the one that counted counts any more.</summary>
    [Test]
    public async Task Should_not_let_a_hub_that_has_not_heard_take_in_what_counted_before()
    {
        var (behind, terms) = await RunAsync();
        await WriteAsync(SwapAsync);
        var facts = new[] { Profile(_old, 150, _person, """{"tier":"bronze"}"""), Profile(_new, 151, _person, """{"tier":"silver"}""") };
        var told = await Intake(Hub(), terms: terms).TakeInAsync(facts, CancellationToken.None);
        Assert.That(told.Select(verdict => verdict.CameTo), Is.EqualTo(new[] { "shadowed", "accepted" }));
        Assert.That((string?)(await AttributesAsync(_person))!["tier"], Is.EqualTo("silver"));
        Assert.That((await Intake(Hub(), terms: terms).TakeInAsync(facts, CancellationToken.None)).Select(verdict => verdict.CameTo), Is.All.EqualTo("duplicate"));
        Assert.That(terms.Now.Version, Is.GreaterThan(behind));
    }

    /// <summary>A list that the other one states is compared from the moment of the change on, at every hub.</summary>
    [Test]
    public async Task Should_have_its_list_compared_by_a_hub_that_has_not_heard()
    {
        var (_, terms) = await RunAsync();
        await WriteAsync(SwapAsync);
        var lists = new ShadowList(Transactions, Ledger, Intake(Hub(), terms: terms), Hub(), Clock, NullLogger<ShadowList>.Instance, terms);
        Assert.That((await lists.IsOfAsync(_old, CancellationToken.None), await lists.IsOfAsync(_new, CancellationToken.None)), Is.EqualTo((true, false)));
    }

    /// <summary>Whoever puts a version in force waits for what is being taken in, and what is taken in afterwards sees the version.</summary>
    [Test]
    public async Task Should_be_decided_by_the_version_that_is_in_force_when_the_ledger_is_free()
    {
        var (_, terms) = await RunAsync();
        Task<IReadOnlyList<FactVerdict>> taking = null!;
        await WriteAsync(async db =>
        {
            await Ledger.LockAsync(db, CancellationToken.None);
            taking = Task.Run(() => Intake(Hub(), terms: terms).TakeInAsync([Profile(_old, 150, _person, """{"tier":"bronze"}""")], CancellationToken.None)); // SQLite keeps the thread while it waits
            if (IsPostgres) // on SQLite nothing begins before the writer ends
            {
                await Poll.Until(async () => await CountAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") > 0);
            }

            await SwapAsync(db);
        });
        Assert.That((await taking).Single().CameTo, Is.EqualTo("shadowed"));
        Assert.That(await AttributesAsync(_person), Is.Null);
    }

    /// <summary>A hub that runs the version in force, by which the new one shadows the old one.</summary>
    private async Task<(long Version, FactTerms Terms)> RunAsync()
    {
        var version = await ActivateAsync(Unique("version"));
        return (version, new FactTerms(Hub(), new RunningConfiguration(ConfigurationFiles.Of(new Dictionary<string, string>()), version), null, Transactions));
    }

    /// <summary>Puts a version in force by which the two have changed places.</summary>
    private async Task SwapAsync(HubDbContext db)
    {
        var files = new Dictionary<string, string> { ["ownership.yaml"] = $"shadows:\n  {_old}: {{ of: {_new} }}\n" };
        var version = await ConfigurationBook.AppendAsync(db, new ConfigurationEntry(0, Unique("hash"), ConfigurationSource.Applied, null, "person:ben", Noon, null, null, null), files, CancellationToken.None);
        await ConfigurationBook.ActivateAsync(db, version, "person:ben", _begin.AddHours(3), CancellationToken.None);
    }

    private Task<long> CountWithAsync(string attribute) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        var attributes = await session.ReadAsync("SELECT profile_id, attributes FROM profiles", row => SealingKeys.Of(db).OpenProfile(row.GetInt64(0), row.GetString(1)), CancellationToken.None);
        return attributes.LongCount(json => json.Contains($"\"{attribute}\"", StringComparison.Ordinal));
    });
}
