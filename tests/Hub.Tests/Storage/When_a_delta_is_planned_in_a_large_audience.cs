using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
public sealed class When_a_delta_is_planned_in_a_large_audience(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_read_rows_by_the_change_and_not_by_the_audience()
    {
        var small = await RowsReadAsync(100);
        var large = await RowsReadAsync(20_000);
        Assert.That(small, Is.GreaterThan(0));
        Assert.That(large, Is.LessThanOrEqualTo(small * 1.2), "rows that the database returned from tables and indexes for a delta of 10");
    }

    private async Task<long> RowsReadAsync(int members)
    {
        var audience = Unique("aud");
        var run = await StartRunAsync(audience);
        var request = Request(run, audience, "delta");
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                $$"""
                INSERT INTO profiles (tenant_id, external_id, attributes, attributes_at, consent, occurred_at, version, updated_at)
                SELECT 'default', '{{audience}}-' || n, '{}', '{}', '{}', now(), 1, now() FROM generate_series(1, {{members}}) n;
                INSERT INTO memberships SELECT '{{audience}}', profile_id, true, now(), now() FROM profiles WHERE external_id LIKE '{{audience}}-%';
                INSERT INTO destination_members SELECT '{{Braze}}', '{{audience}}', profile_id, true, true, now(), NULL FROM memberships WHERE audience = '{{audience}}';
                INSERT INTO audience_changes SELECT '{{Braze}}', '{{audience}}', profile_id FROM memberships WHERE audience = '{{audience}}' ORDER BY profile_id LIMIT 10;
                """, CancellationToken.None);
            await Plans.OpenAsync(db, request, CancellationToken.None);
        });
        return await WriteAsync(async db =>
        {
            var before = await RowsReadAsync(db);
            Assert.That(await Plans.ReadCandidatesAsync(db, request, 0, 1000, CancellationToken.None), Has.Count.EqualTo(10));
            Assert.That((await Plans.CompleteAsync(db, request, CancellationToken.None)).CurrentMembers, Is.InRange(1, 10));
            return await RowsReadAsync(db) - before;
        });
    }
}
