using System.Diagnostics;

namespace Hub.Tests.Cli;

/// <summary>What a real shell makes of the words that were typed so far, the last one not yet complete.</summary>
public sealed class When_a_shell_completes
{
    [TestCase("sy", "sync")]
    [TestCase("sync wa", "watch")]
    [TestCase("sync start customers --de", "--destination --delta")]
    [TestCase("sync start --mode m", "mirror")]
    [TestCase("completion z", "zsh")]
    [TestCase("backfill --he", "--help")]
    [TestCase("sync start --no-such", "")]
    public async Task Should_offer_in_bash_what_goes_on_so(string typed, string expected)
    {
        var session = new Session();
        Assert.That(await session.CallAsync("completion", "bash", "--as", "integration-hub"), Is.Zero);
        var words = typed.Split(' ');
        var offered = await BashAsync($"{session.Out}\nCOMP_WORDS=(integration-hub {string.Join(' ', words)}); COMP_CWORD={words.Length}; _integration_hub_words; echo \"${{COMPREPLY[*]}}\"; complete -p integration-hub");
        Assert.That(offered.Split('\n')[0].Trim().Split(' '), Is.EquivalentTo(expected.Split(' ')));
        Assert.That(offered, Does.Contain("-F _integration_hub_words integration-hub"));
    }

    [TestCase("zsh", "bashcompinit")]
    [TestCase("pwsh", "'/sync/start --mode' = 'delta full mirror'")]
    public async Task Should_print_it_for_other_shells(string shell, string contains)
    {
        var session = new Session();
        Assert.That(await session.CallAsync("completion", shell), Is.Zero);
        Assert.That(session.Out, Does.Contain(contains).And.Contain("/deadletters").Or.Contain("/dead-letters"));
    }

    [Test]
    public async Task Should_take_no_name_that_is_more_than_a_word()
    {
        var session = new Session();
        Assert.That(await session.CallAsync("completion", "bash", "--as", "hub; rm -r x"), Is.EqualTo(2));
        Assert.That(session.Out, Is.Empty);
    }

    private static async Task<string> BashAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var (said, failed) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync();
        Assert.That(await failed, Is.Empty);
        return await said;
    }
}
