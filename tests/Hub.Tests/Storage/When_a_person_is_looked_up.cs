using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Standings;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Whatever is asked of one person is found by the person's number: the rows of all others are not read, however many there are.</summary>
public sealed class When_a_person_is_looked_up() : StorageFixture(StorageDatabase.Postgres)
{
    private const string Audience = "customers";
    private static readonly AudienceRoute[] Routes = [new(Audience, Braze)];
    private static readonly Guid Run = Guid.Parse("11111111-2222-3333-4444-555555555555");
    private long _profile;

    [OneTimeSetUp]
    public async Task Fill()
    {
        await AppendAsync(Profile("p-1", """{"city":"Bonn"}""", 0, "p-1@example.org"), Membership("p-1", Audience, true));
        _profile = await CountAsync("SELECT profile_id FROM profiles WHERE external_id = 'p-1'");
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                """
                WITH ids AS (INSERT INTO fact_ids (event_id, received_at) SELECT gen_random_uuid(), (SELECT max(received_at) FROM facts) FROM generate_series(1, 3000) RETURNING *)
                INSERT INTO facts (position, event_id, retention, tenant_id, event_type, schema_version, occurred_at, received_at, producer, profile_id, body)
                SELECT position, event_id, 'standard', 'default', 'profile_updated', 1, received_at, received_at, 'test', @profile + position, '{}' FROM ids;
                INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at) SELECT @run, 'braze', 'customers', @profile + n, 2, 'rejected', 'x', 1, now() FROM generate_series(1, 3000) n;
                INSERT INTO memberships (audience, profile_id, is_member, since, occurred_at) SELECT 'customers', @profile + n, true, now(), now() FROM generate_series(1, 3000) n;
                INSERT INTO destination_profiles (destination, profile_id) SELECT 'braze', @profile + n FROM generate_series(1, 3000) n;
                INSERT INTO destination_members (destination, audience, profile_id, is_member, added_by_hub, confirmed_at) SELECT 'braze', 'customers', @profile + n, true, true, now() FROM generate_series(1, 3000) n;
                INSERT INTO reconciliation_findings (run_id, kind, profile_id) SELECT @run, 'missing', @profile + n FROM generate_series(1, 3000) n;
                INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at) VALUES (@run, 'braze', 'customers', @profile, 2, 'rejected', 'x', 1, now());
                """,
                CancellationToken.None, ("profile", _profile), ("run", Run));
        });
    }

    [Test]
    public async Task Should_read_nobody_elses_rows()
    {
        var now = TimeProvider.System.GetUtcNow();
        Assert.That(await RowsReadAsync(db => PersonBook.FindAsync(db, _profile, CancellationToken.None)), Is.LessThan(50));
        Assert.That(await RowsReadAsync(db => PersonBook.ProfilesOfAsync(db, _profile, CancellationToken.None)), Is.LessThan(50));
        StatedFacts? facts = null;
        Assert.That(await RowsReadAsync(async db => facts = await PersonBook.FactsOfAsync(db, [_profile], now, 10, CancellationToken.None)), Is.LessThan(50));
        Assert.That((facts!.Count, facts.AreMore, facts.Latest[0].EventType), Is.EqualTo((2L, false, "audience_membership_changed")));
        Assert.That(await RowsReadAsync(db => PersonBook.AudiencesOfAsync(db, _profile, Routes, CancellationToken.None)), Is.LessThan(50));
        Assert.That(await RowsReadAsync(db => PersonBook.RemoteOfAsync(db, _profile, [Braze], CancellationToken.None)), Is.LessThan(50));
        IReadOnlyList<long> letters = [];
        Assert.That(await RowsReadAsync(async db => letters = await PersonBook.LettersOfAsync(db, _profile, CancellationToken.None)), Is.LessThan(50));
        Assert.That(letters, Has.Count.EqualTo(1));
        Assert.That(await RowsReadAsync(db => PersonBook.FindingsOfAsync(db, _profile, [Run], CancellationToken.None)), Is.LessThan(50));
        Assert.That(await RowsReadAsync(db => PersonBook.WaitingAsync(db, [new PersonKey(KeyKind.ExternalId, "p-1")], CancellationToken.None)), Is.LessThan(50));
    }

    private Task<long> RowsReadAsync(Func<HubDbContext, Task> ask) => WriteAsync(async db =>
    {
        var before = await RowsReadAsync(db);
        await ask(db);
        return await RowsReadAsync(db) - before;
    });
}
