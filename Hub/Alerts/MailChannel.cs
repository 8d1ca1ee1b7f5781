using IntegrationHub.Hub.Configuration;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace IntegrationHub.Hub.Alerts;

/// <summary>E-mail. Its id is the same at every attempt; all about one alert is one thread.</summary>
internal static class MailChannel
{
    private const string Domain = "integrationhub.invalid";

    public static async Task<AlertTold> TellAsync(AlertRoute route, AlertNotice message, string name, CancellationToken cancellationToken)
    {
        var section = route.Mail!;
        using var mail = new MimeMessage();
        mail.From.Add(MailboxAddress.Parse(section.From));
        mail.To.AddRange(section.To.Select(MailboxAddress.Parse));
        mail.Subject = message.Title;
        mail.MessageId = $"alert-send-{name}@{Domain}";
        mail.References.Add($"{message.DedupKey}@{Domain}");
        mail.Body = new TextPart("plain") { Text = message.Text };
        using var smtp = new SmtpClient();
        try
        {
            await smtp.ConnectAsync(section.Host, section.Port, section.IsPlain ? SecureSocketOptions.None : SecureSocketOptions.Auto, cancellationToken);
            if (section.User is not null)
            {
                if (route.Secret?.Read() is not { } password)
                {
                    return AlertTold.SecretMissing;
                }

                await smtp.AuthenticateAsync(section.User, password, cancellationToken);
            }

            await smtp.SendAsync(mail, cancellationToken);
            await smtp.DisconnectAsync(quit: true, cancellationToken);
            return AlertTold.Well;
        }
        catch (SmtpCommandException refused)
        {
            return new AlertTold($"smtp_{(int)refused.StatusCode}");
        }
        catch (AuthenticationException)
        {
            return new AlertTold("smtp_authentication");
        }
    }
}
