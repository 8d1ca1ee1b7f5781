using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Pages;

/// <summary>Whoever looks at a run while it delivers sees a ledger that balances, whenever they look: on the page and over the API.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed partial class When_a_run_is_under_way(StorageDatabase database)
{
    private const int People = 3_000;
    private WholeHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await WholeHub.StartAsync(database);

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_balance_at_every_look()
    {
        var list = new StringBuilder("CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner\n");
        for (var number = 1; number <= People; number++)
        {
            list.Append(System.Globalization.CultureInfo.InvariantCulture, $"{number},MR.,Kim,Person {number},4/8/1966,M,M,{(number % 50 == 0 ? "no address" : $"kim.{number}@example.org")},,2,Bachelors,Professional,Y\n");
        }

        using var file = new StringContent(list.ToString(), Encoding.UTF8, "text/csv");
        file.Headers.Add("X-File-Name", "customers.csv");
        var snapshot = await ReadAsync(await _hub.Http.PostAsync("/v1/audiences/customers/snapshots", file));
        var started = await ReadAsync(await _hub.Http.PostAsync("/v1/audience-syncs", new StringContent($$"""{"audience":"customers","snapshot_id":"{{snapshot.GetProperty("snapshot_id").GetString()}}"}""", Encoding.UTF8, "application/json")));
        var runs = started.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("run_id").GetString()!).ToList();
        var (looks, pending) = (0, new HashSet<long>());
        await Poll.Until(
            async () =>
            {
                var isOver = true;
                foreach (var run in runs)
                {
                    var counts = (await ReadAsync(await _hub.Http.GetAsync($"/v1/runs/{run}"))).GetProperty("counts");
                    long Of(string name) => counts.GetProperty(name).GetInt64();
                    Assert.That(Of("delivered") + Of("unchanged") + Of("suppressed") + Of("rejected") + Of("dead_lettered") + Of("pending"), Is.EqualTo(Of("planned")), counts.ToString());
                    var page = WebUtility.HtmlDecode(await _hub.Http.GetStringAsync($"/runs/{run}"));
                    Assert.That(page, Does.Contain("✓ balances").And.Not.Contain("without an account"), run);
                    looks++;
                    pending.Add(Of("pending"));
                    isOver &= Over().IsMatch(page);
                }

                return isOver;
            },
            "all runs to end");
        Assert.That(pending.Max(), Is.Positive, $"of {looks} looks one at least was in the midst of it");
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new AssertionException($"{answer.StatusCode}: {text}");
        }
    }

    [GeneratedRegex("class=\"badge (good|warn)\"><span class=\"glyph\" aria-hidden=\"true\">.</span> Completed")]
    private static partial Regex Over();
}
