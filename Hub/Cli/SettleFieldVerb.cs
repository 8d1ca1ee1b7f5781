using System.CommandLine;
using System.Text.Json;
using IntegrationHub.Hub.Destinations;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>destinations settle</c>: ends the doubt about a field that is written once.</summary>
internal static class SettleFieldVerb
{
    public static Verb Build(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = new Argument<string>("DESTINATION") { Description = "Name of the destination." };
        var key = new Argument<string>("KEY") { Description = "Any key of the person." };
        var field = new Option<string>("--field") { Description = "The vendor's field, which the mapping writes once.", Required = true };
        var verdict = new Option<string>("--as") { Description = "What the vendor shows of it.", Required = true };
        verdict.AcceptOnlyFromAmong("written", "not-written");
        var reason = ReasonOption.Create();
        return new Verb(
            "settle", "Say of a field that is written once, and of which nobody knows whether it arrived, what the vendor shows: written stays as it is, not-written is written with the next record.",
            "destinations settle braze c-17 --field voucher --as not-written --reason 'looked at the person in Braze'")
        { Arguments = { name, key }, Options = { field, verdict, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync(
                    $"/v1/destinations/{Uri.EscapeDataString(call.Get(name))}/settle", new { key = call.Get(key), field = call.Get(field), @as = call.Get(verdict), reason = reason.Read(call) }, cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                var settled = answer.Deserialize<SettledFieldJson>()!;
                call.Terminal.Screen(json: false).WriteLine(settled.Owed
                    ? $"{settled.Destination}: {settled.Field} was not written, and is with the next record of the person."
                    : $"{settled.Destination}: {settled.Field} was written, and is not again.");
                return ExitCode.Done;
            },
            terminal);
    }
}
