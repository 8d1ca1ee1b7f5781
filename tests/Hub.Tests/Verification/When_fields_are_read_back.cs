using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Tests.Verification;

/// <summary>Five people live in Bonn, and a run wrote so. What the vendor holds is up to it.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_fields_are_read_back(StorageDatabase database) : VerificationFixture(database)
{
    private const string Bonn = """{"city":"Bonn"}""";

    private TellingConnector Vendor => (TellingConnector)Connector;

    [SetUp]
    public async Task Confirm()
    {
        foreach (var person in People)
        {
            Vendor.Towns[person] = "Bonn";
            await SetAsync("UPDATE profiles SET attributes = @town WHERE external_id = @person", ("town", Bonn), ("person", person));
            await ConfirmAsync(person, Bonn);
        }
    }

    [Test]
    public async Task Should_find_everybody_as_written_in_calls_of_the_vendors_size()
    {
        var totals = (await ReadBackAsync(Step()))!.Totals;
        Assert.That((totals.FieldsRead, totals.Differing), Is.EqualTo((5L, 0L)));
        Assert.That(Vendor.Read.Select(keys => keys.Count), Is.EqualTo(new[] { 3, 2 }));
    }

    [Test]
    public async Task Should_name_who_differs_and_in_which_field_and_forget_it_when_the_vendor_caught_up()
    {
        Vendor.Towns[People[1]] = "Köln";
        var first = (await ReadBackAsync(Step()))!;
        var found = await FindingsAsync();
        Vendor.Towns[People[1]] = "Bonn";
        var second = (await ReadBackAsync(Step(round: 2)))!;

        Assert.Multiple(async () =>
        {
            Assert.That((first.Totals.FieldsRead, first.Totals.Differing, first.Totals.Missing), Is.EqualTo((5L, 1L, 0L)));
            Assert.That(found.Select(each => (each.Kind, each.Key, each.Field)), Is.EqualTo(new[] { (ReadBackFinding.Different, People[1], "town") }));
            Assert.That(second.Totals.Differing, Is.Zero);
            Assert.That(await FindingsAsync(), Is.Empty);
        });
    }

    [Test]
    public async Task Should_say_the_same_when_it_is_asked_for_a_round_again()
    {
        Vendor.Towns[People[1]] = "Köln";
        await ReadBackAsync(Step());
        Vendor.Towns[People[1]] = "Bonn";
        Assert.That((await ReadBackAsync(Step()))!.Totals, Is.EqualTo(new VerificationTotals(5, 5, 0, 0) { FieldsRead = 5, Differing = 1 }));
    }

    /// <summary>What is owed anyway, what somebody else confirmed since, and whom the vendor does not know are no differences of this run.</summary>
    [Test]
    public async Task Should_leave_out_of_whom_the_hub_believes_something_else_by_now()
    {
        Vendor.Towns[People[0]] = Vendor.Towns[People[1]] = "Köln";
        Vendor.Towns.Remove(People[2]);
        await SetAsync("UPDATE profiles SET attributes = @town WHERE external_id = @person", ("town", """{"city":"Trier"}"""), ("person", People[0]));
        await SetAsync(
            "UPDATE destination_profiles SET run_id = @other WHERE destination = @name AND profile_id = (SELECT profile_id FROM profiles WHERE external_id = @person)",
            ("other", Guid.NewGuid()), ("name", Name), ("person", People[1]));

        var totals = (await ReadBackAsync(Step()))!.Totals;
        Assert.That((totals.FieldsRead, totals.Differing), Is.EqualTo((2L, 0L)));
    }

    /// <summary>At Marketo a key with a comma: one such person must not be in the way of all others.</summary>
    [Test]
    public async Task Should_leave_out_whom_the_vendor_cannot_be_asked_for()
    {
        Vendor.Towns[People[0]] = Vendor.Towns[People[1]] = "Köln";
        Vendor.Unaskable.Add(People[0]);
        var totals = (await ReadBackAsync(Step()))!.Totals;
        Assert.That((totals.FieldsRead, totals.Differing), Is.EqualTo((4L, 1L)));
    }

    private protected override AcmeConnector Connect() => new TellingConnector();

    private Task ConfirmAsync(string person, string attributes) => SetAsync(
        "UPDATE destination_profiles SET content_hash = @hash WHERE destination = @name AND profile_id = (SELECT profile_id FROM profiles WHERE external_id = @person)",
        ("hash", Destination.Mapping.Map(new ProfileView(person, null, null, attributes)).ContentHash), ("name", Name), ("person", person));

    private Task SetAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });

    private async Task<IReadOnlyList<ReadBackFinding>> FindingsAsync() => (await ReadAsync(db => ReadBacks.ListFindingsAsync(db, Run, null, new PageAsk(null, 10), CancellationToken.None))).Items;
}
