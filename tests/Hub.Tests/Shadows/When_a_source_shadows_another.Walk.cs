using IntegrationHub.Hub.Shadows;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Shadows;

namespace IntegrationHub.Hub.Tests.Shadows;

/// <summary>Lists of people are walked along part by part; what they hold is what was counted, whatever keys people are named by.</summary>
public sealed partial class When_a_source_shadows_another
{
    [Test]
    public async Task Should_be_met_once_part_by_part_and_be_as_many_as_were_counted()
    {
        string[] people = [.. Enumerable.Range(0, 24).Select(_ => Unique("p"))];
        string Mail(int number) => $"{people[number]}@x.test";
        await TakeInAsync([.. people.Take(18).Select((id, i) => Profile(_old, 1, id, i % 3 == 2 ? """{"city":"Bern"}""" : """{"tier":"golden"}""", Mail(i)))]);
        await TakeInAsync([.. people.Skip(4).Select((id, i) => Profile(_new, 2, id, i % 4 == 0 ? """{"tier":"silver"}""" : i % 4 == 1 ? """{"tier":null}""" : """{"tier":"golden"}"""))]);
        await TakeInAsync([.. people.Take(12).Select((id, i) => Membership(_old, 1, id, true))]);
        await TakeInAsync([.. people.Skip(6).Select((id, i) => Membership(_new, 2, id, i % 3 > 0))]);
        // Named by their address too: later, earlier, and alone.
        foreach (var (number, minute, stated) in new[] { (5, 3, "silver"), (6, 1, "bronze"), (7, 4, "golden"), (0, 2, "silver") })
        {
            await TakeInAsync(Fact(_new, minute, "profile_updated", $$"""{"email":"{{Mail(number)}}"}""", $$$"""{"attributes":{"tier":"{{{stated}}}"}}"""));
        }

        // Two who are one: of what is stated of either the later counts.
        await WriteAsync(async db => await (await DbSession.OpenAsync(db, CancellationToken.None)).ExecuteAsync(
            "UPDATE profiles SET person_id = (SELECT a.profile_id FROM profiles a WHERE a.external_id = @stays) WHERE external_id = @goes", CancellationToken.None, ("stays", people[8]), ("goes", people[9])));

        var told = await Comparer().CompareAsync(_new, CancellationToken.None);
        var (tier, audience) = (told.Attributes.Single(count => count.Name == "tier"), told.Audiences.Single());
        foreach (var (kind, name, count) in new[] { (ShadowKind.Attribute, "tier", tier), (ShadowKind.Audience, _audience, audience) })
        {
            foreach (var (state, counted) in new[] { (ShadowState.OnlyShadow, count.OnlyShadow), (ShadowState.Different, count.Different), (ShadowState.Equal, count.Equal), (ShadowState.OnlyCounting, count.OnlyCounting) })
            {
                var (whole, pages) = await WalkAsync(new ShadowWalk(TimeSpan.FromMinutes(1)), kind, name, state);
                Assert.That((whole.Count, pages[^1].Count, pages[^1].IsCountCapped), Is.EqualTo(((int)counted, counted, false)), $"{name} {state}");
                var (parts, turned) = await WalkAsync(new ShadowWalk(TimeSpan.Zero, 3), kind, name, state);
                Assert.That(parts, Is.EqualTo(whole), $"{name} {state}, part by part");
                Assert.That(turned.Take(turned.Count - 1).Select(page => page.IsCountCapped), Is.All.True, "nobody knows how many follow");
                Assert.That(parts.Select(person => (person.ProfileId, person.PersonKey)), Is.Unique, $"{name} {state}");
            }
        }

        Assert.That(new[] { tier.OnlyShadow, tier.Different, tier.Equal, tier.OnlyCounting, audience.OnlyShadow, audience.OnlyCounting, audience.Equal }, Is.All.Positive, "the look itself");
    }

    private async Task<(List<ShadowDifference> People, List<Page<ShadowDifference>> Pages)> WalkAsync(ShadowWalk walk, string kind, string name, string state)
    {
        var (people, pages) = (new List<ShadowDifference>(), new List<Page<ShadowDifference>>());
        string? after = null;
        do
        {
            var page = await ReadAsync(db => walk.ListAsync(db, _new, kind, name, state, new PageAsk(after, 2), CancellationToken.None));
            pages.Add(page);
            people.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);
        return (people, pages);
    }
}
