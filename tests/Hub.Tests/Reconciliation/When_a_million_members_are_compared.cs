using Hub.Tests.Configuration;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Reconciliations;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>What a million members cost at each vendor of the hundredth of a day that a comparison may take, by the page sizes and limits that the connectors declare.</summary>
public sealed class When_a_million_members_are_compared
{
    private const long Million = 1_000_000;
    private static readonly HttpClientHandler _transport = new();

    // Who is a member, fields, days.
    [TestCase("hubspot", false, 4_000, 10_000, 3, Description = "the first time everybody is read: two days' shares and a bit")]
    [TestCase("hubspot", true, 4_000, 335, 1, Description = "then those who were changed: 0.69 % of a day, and one call for every 200 of them")]
    [TestCase("braze", false, 20_000, 0, 1, Description = "fields come along with who is a member: 0.58 % of a day")]
    [TestCase("marketo", false, 66, 1, 1, Description = "the file tells of whom no field differs as well: 0.13 % of a day")]
    [TestCase("marketo", true, 43, 113, 1, Description = "ids and keys alone, and those who were changed by key: 0.31 %")]
    public async Task Should_say_what_it_takes(string vendor, bool isMarked, long forMembers, long forFields, long days)
    {
        var plan = await PlanAsync(vendor, isMarked, wholeFields: true, Million);
        Assert.That((plan.ForMembers, plan.ForFields, plan.Days), Is.EqualTo((forMembers, forFields, days)));
        Assert.That(plan.Say(vendor), Does.Contain(days == 1 ? "enough for one day" : $"done in {days} days"));
        Assert.That(plan.Calls <= plan.ADay, Is.EqualTo(days == 1), "never more than the share of a day");
        Assert.That(plan.ADay, Is.GreaterThan(0).And.LessThanOrEqualTo(plan.Day / 100), "which is a hundredth unless the destination's file says otherwise");
    }

    [Test]
    public async Task Should_leave_room_for_many_who_were_changed()
    {
        var plan = await PlanAsync("hubspot", isMarked: true, wholeFields: true, Million);
        Assert.That((plan.ADay - plan.Calls) * plan.PeoplePerChange!, Is.GreaterThan(350_000), "so many may be changed at HubSpot between two comparisons");
    }

    [TestCase("hubspot", 4_000, 4)]
    [TestCase("braze", 20_000, 8)]
    [TestCase("marketo", 43, 2)]
    public async Task Should_take_a_few_calls_for_the_fields_of_a_sample(string vendor, long forMembers, long forFields)
    {
        var plan = await PlanAsync(vendor, isMarked: true, wholeFields: false, Million);
        Assert.That((plan.ForMembers, plan.ForFields, plan.PeoplePerChange), Is.EqualTo((forMembers, forFields, (int?)null)));
    }

    [Test]
    public async Task Should_read_everybody_of_a_small_audience_whatever_the_vendor_tells()
    {
        var plan = await PlanAsync("hubspot", isMarked: true, wholeFields: true, 60_000);
        Assert.That((plan.ForMembers, plan.ForFields, plan.PeoplePerChange), Is.EqualTo((240L, 600L, (int?)null)));
    }

    [Test]
    public async Task Should_say_how_much_of_the_days_megabytes_a_file_takes()
    {
        var plan = await PlanAsync("marketo", isMarked: true, wholeFields: true, Million);
        Assert.That((plan.File!.Value.Bytes, plan.File.Value.BytesADay), Is.EqualTo((36_000_000L, 500_000_000L)));
        Assert.That(plan.Say("marketo"), Does.Contain("43 for who is a member, from a file of about 36 of the 500 MB that the account may extract a day"));
        Assert.That((await PlanAsync("hubspot", isMarked: true, wholeFields: true, Million)).Say("hubspot"), Does.Not.Contain("MB"));
    }

    [TestCase(9_999, "", 34)]
    [TestCase(20_000, "", 9)]
    [TestCase(20_000, "0", 67, Description = "somebody turned files off")]
    public async Task Should_read_small_lists_page_by_page(long members, string extractFrom, long forMembers)
    {
        var plan = await PlanAsync("marketo", isMarked: true, wholeFields: true, members, extractFrom);
        Assert.That((plan.ForMembers, plan.File is null), Is.EqualTo((forMembers, forMembers > 9)));
    }

    private static async Task<ReadBackPlan> PlanAsync(string vendor, bool isMarked, bool wholeFields, long members, string extractFrom = "")
    {
        var factory = ConfigurationFixture.Connectors.Single(one => one.Descriptor.Name == vendor);
        var connector = factory.Create(new ConnectorContext
        {
            Settings = new DestinationSettings
            {
                Name = vendor, BaseUrl = new Uri("https://vendor.example.test"), IdentityKey = factory.Descriptor.DefaultIdentityKey, Values = extractFrom.Length == 0 ? new Dictionary<string, string>() : new Dictionary<string, string> { ["extract_from"] = extractFrom },
                Secrets = factory.Descriptor.Settings.Where(setting => setting.Secret).ToDictionary(setting => setting.Name, _ => (Func<string?>)(() => "secret")),
            },
            Transport = _transport,
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        })(OpenGate.Instance);
        await using var destination = Acme.Destination(connector);
        var run = new ComparisonState
        {
            RunId = Guid.Empty, Audience = "customers", Destination = vendor, Heal = HealingWord.Report, WholeFields = wholeFields, Sample = 400, RequestedBy = "", RequestedAt = DateTimeOffset.UnixEpoch,
        };
        return ReadBackPlan.Of(destination, run, new MemberCount(members, isMarked ? 0 : members), isMarked, ReadBackBudget.Of(destination, TimeProvider.System), ReadBackBudget.WholeOf(destination, TimeProvider.System));
    }
}
